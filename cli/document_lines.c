#include "cli/document_lines.h"

#include <stdio.h>

#include "cli/input.h"
#include "cli/verb.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define INPUT_BYTES ((size_t)1 << 30)

struct reading {
	const char *verb;
	hy_document_fn *each;
	void *ctx;
};

json_t *hy_json_of_str(struct hy_str s)
{
	hy_cleanup(hy_buf_fini) struct hy_buf repaired = {0};

	if (hy_utf8_valid(s.p, s.n))
		return json_stringn_nocheck(s.n ? s.p : "", s.n);
	hy_buf_init(&repaired, s.n * 3 + 1);
	hy_utf8_repair(&repaired, s.p, s.n);
	return json_stringn(repaired.p, repaired.n);
}

int hy_document_lines_complain(const char *verb, const char *path, size_t line, const char *what)
{
	(void)fprintf(stderr, "huiying %s: %s:%zu: %s\n", verb, path, line, what);
	return HY_EXIT_FAILURE;
}

/* A field that may be missing or null; false where it is anything else but a string. */
static bool string_field(const json_t *object, const char *key, struct hy_str *out)
{
	const json_t *value = json_object_get(object, key);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value))
		return false;
	*out = (struct hy_str){json_string_value(value), json_string_length(value)};
	return true;
}

/* What is no time is as good as none: only who picks by time needs one. */
static struct hy_wall time_of(const json_t *object)
{
	static const char *const keys[] = {"detected_at", "published_at"};
	struct hy_wall at = HY_WALL_NONE;

	for (size_t i = 0; i < HY_COUNT(keys); i++) {
		struct hy_str text = {0};

		if (string_field(object, keys[i], &text) && hy_wall_parse(text, &at))
			break;
	}
	return at;
}

/* The document's own id, or its place where it has none; NULL where it is no id. */
static json_t *id_of(const json_t *object, const char *path, size_t line)
{
	json_t *id = json_object_get(object, "id");

	if (json_is_string(id) || json_is_integer(id))
		return json_incref(id);
	return !id || json_is_null(id) ? json_sprintf("%s:%zu", path, line) : NULL;
}

static int read_object(const struct reading *r, const json_t *object, const char *path, size_t line)
{
	struct hy_document_line document = {.path = path, .line = line};

	if (!json_is_object(object))
		return hy_document_lines_complain(r->verb, path, line, "expected a JSON object");
	if (!string_field(object, "title", &document.title) ||
	    !string_field(object, "text", &document.text) ||
	    !string_field(object, "region", &document.region) ||
	    !string_field(object, "source", &document.source) ||
	    !string_field(object, "outlet", &document.outlet))
		return hy_document_lines_complain(
			r->verb, path, line,
			"title, text, region, source and outlet must be strings");
	/* `huiying extract` calls the publisher's name the source. */
	if (!document.outlet.p)
		document.outlet = document.source;
	if (!document.source.p)
		document.source = document.outlet;
	if (!document.title.p && !document.text.p)
		return hy_document_lines_complain(r->verb, path, line,
						  "neither \"title\" nor \"text\"");
	document.id = id_of(object, path, line);
	if (!document.id)
		return hy_document_lines_complain(r->verb, path, line,
						  "\"id\" must be a string or a whole number");
	document.at = time_of(object);
	int code = r->each(r->ctx, &document);
	json_decref(document.id);
	return code;
}

static int read_line(const struct reading *r, struct hy_str text, const char *path, size_t line)
{
	json_error_t error;
	json_t *object = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);

	if (!object)
		return hy_document_lines_complain(r->verb, path, line, error.text);
	int code = read_object(r, object, path, line);
	json_decref(object);
	return code;
}

static int read_lines(const struct reading *r, struct hy_str bytes, const char *path)
{
	struct hy_str rest = bytes, line;
	int worst = HY_EXIT_OK;

	for (size_t number = 1; hy_str_next(&rest, '\n', &line); number++) {
		if (hy_str_trim(line).n == 0)
			continue;
		int code = read_line(r, line, path, number);

		worst = code > worst ? code : worst;
	}
	return worst;
}

static bool is_json_lines(const char *path, struct hy_str bytes)
{
	struct hy_str name = hy_str_of(path), trimmed = hy_str_trim(bytes);

	return (trimmed.n > 0 && trimmed.p[0] == '{') || hy_str_ends(name, HY_STR_LIT(".jsonl")) ||
	       hy_str_ends(name, HY_STR_LIT(".ndjson"));
}

static int read_file(const char *path, struct hy_str bytes, void *ctx)
{
	const struct reading *r = ctx;
	struct hy_document_line document = {.path = path, .line = 1, .text = bytes,
					    .at = HY_WALL_NONE};
	struct hy_str text = hy_input_without_mark(bytes);

	if (is_json_lines(path, text))
		return read_lines(r, text, path);
	document.id = hy_json_of_str(hy_str_of(path));
	int code = r->each(r->ctx, &document);
	json_decref(document.id);
	return code;
}

int hy_document_lines_each(const char *verb, int count, char **argv, hy_document_fn *each,
			   void *ctx)
{
	struct reading r = {.verb = verb, .each = each, .ctx = ctx};

	return hy_input_each(count, argv, INPUT_BYTES, read_file, &r);
}
