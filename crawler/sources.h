/*
 * sources.yaml: what the crawler reads. Maintained by officers; `huiying check` uses the
 * same loader.
 *
 *   sources:
 *     - id: jinan-news            # letters, digits, - and _; documents refer to it for ever
 *       name: 某某新闻网           # the outlet
 *       kind: feed                # feed, list (HTML), sitemap, wechat (mirror feeds)
 *       url: https://...          # or urls: [..]: the next is asked where one fails
 *       goal: 10m                 # wanted mean time from publication to discovery, or
 *       interval: 10m             # asked at that fixed interval, whatever it brings
 *       delay: 5s                 # least time between requests of the host
 *       region: jinan             # place id that the source is about
 *       quiet: 7d                 # nothing new for longer is an alarm
 *       owner: publicity          # role or unit that answers for its being silent
 *       mainstream: true          # for the record; what that adds: outlets.yaml
 *       allow_private: true       # loopback and private addresses, for tests and intranets
 *       from: 2026-01-01          # not asked before,
 *       until: 2027-01-01         # nor from this day on
 *       xpath: {item: //li}       # how its pages are read, see source_xpath.h
 *   hosts:
 *     - host: www.example.cn      # as in its addresses, with the port if it is unusual
 *       budget: 2000              # requests a day, at most
 *       delay: 5s                 # least time between requests, for all its sources
 */
#ifndef HY_CRAWLER_SOURCES_H
#define HY_CRAWLER_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"
#include "crawler/source_xpath.h"

#define HY_SOURCES_MAX 10000
#define HY_SOURCE_URLS_MAX 8
#define HY_SOURCE_ID_BYTES 64
#define HY_SOURCE_NAME_BYTES 256
#define HY_SOURCE_OWNER_PRESET "office"

#define HY_SOURCE_KIND_LIST(X) \
	X(FEED, "feed") X(LIST, "list") X(SITEMAP, "sitemap") X(WECHAT, "wechat")

enum hy_source_kind {
#define X(name, text) HY_SOURCE_##name,
	HY_SOURCE_KIND_LIST(X)
#undef X
	HY_SOURCE_KIND_COUNT
};

struct hy_source {
	char *id, *name, *region;	/* region "" where none */
	enum hy_source_kind kind;
	char *urls[HY_SOURCE_URLS_MAX];	/* normalised; the order of fail-over */
	size_t url_count;
	int64_t goal_ms;		/* 0: polled at the fixed interval */
	int64_t interval_ms;		/* with a goal: the same, until the rate is known */
	int64_t delay_ms;		/* -1: the crawler's */
	int64_t quiet_ms;
	bool is_quiet_given;		/* not the preset: it holds whatever is known of the rate */
	char *owner;			/* never empty */
	struct hy_source_xpath *xpath;	/* NULL where none; owned */
	bool allow_private, mainstream;
	struct hy_wall from, until;	/* HY_WALL_NONE: open */
};

/* What is agreed about a host, whatever sources it has. */
struct hy_host_terms {
	char *host;		/* as hy_host_of() writes it */
	int64_t budget;		/* requests a day; 0: no limit */
	int64_t delay_ms;	/* -1: that of its sources, or the crawler's */
};

struct hy_sources;

const char *hy_source_kind_name(enum hy_source_kind kind);
/* Is it to be asked at that moment? */
bool hy_source_is_valid_at(const struct hy_source *source, struct hy_wall now);

/*
 * Reads the file, or sources.yaml in the folder of that path. IO where it cannot be read
 * (with a finding), MALFORMED where anything in it was found wrong.
 */
enum hy_err hy_sources_load(const char *path, struct hy_findings *findings,
			    struct hy_sources **out) HY_MUST_CHECK;
void hy_sources_free(struct hy_sources *sources);
/* Appends the path of the file: the path itself, or sources.yaml in the folder of it. */
void hy_sources_file(const char *path, struct hy_buf *out);

size_t hy_sources_count(const struct hy_sources *sources);
const struct hy_source *hy_sources_at(const struct hy_sources *sources, size_t index);
const struct hy_source *hy_sources_find(const struct hy_sources *sources, struct hy_str id);
/* NULL where nothing is said about the host. */
const struct hy_host_terms *hy_sources_host(const struct hy_sources *sources, struct hy_str host);

#endif
