/*
 * Documents whose alert waits for its receipt: who asked last, and under which id. In memory
 * only: after a crash the crawler asks again and the same alert goes out under the same id.
 */
#ifndef HY_ANALYZER_FLIGHTS_H
#define HY_ANALYZER_FLIGHTS_H

#include <stddef.h>

#include "common/base/map.h"
#include "common/base/str.h"
#include "common/sys/bus.h"
#include "common/sys/content_id.h"

struct hy_flight {
	char *document;			/* the DOCUMENT's id */
	struct hy_id alert;
	struct hy_id rules;		/* the set that judged it */
	struct hy_bus_peer peer;	/* the newest that asked */
};

struct hy_flights {
	struct hy_map by_document, by_alert;
};

void hy_flights_init(struct hy_flights *flights, size_t max);
void hy_flights_fini(struct hy_flights *flights);

struct hy_flight *hy_flights_find(const struct hy_flights *flights, struct hy_str document);
/* The document is not in the table. LIMIT where it is full. */
enum hy_err hy_flights_add(struct hy_flights *flights, struct hy_str document,
			   const struct hy_id *alert, const struct hy_id *rules,
			   const struct hy_bus_peer *peer) HY_MUST_CHECK;
/* Out of the table; NULL where no document waits for that alert. hy_flight_free. */
struct hy_flight *hy_flights_take(struct hy_flights *flights, struct hy_str alert);
void hy_flight_free(struct hy_flight *flight);
size_t hy_flights_count(const struct hy_flights *flights);

#endif
