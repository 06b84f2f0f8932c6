#include "common/rules/topic_form.h"

#include "common/base/buf.h"
#include "common/base/mem.h"

#define FORM_BYTES ((size_t)8 << 20)
#define LISTS_DEPTH 32			/* lists in lists; those in a circle were refused */

static const char *const deciding[] = {"match", "threshold", "sources", "place", "valid_from",
				       "valid_to"};

struct walk {
	const struct hy_lists *lists;
	struct hy_findings *ignored;	/* who loaded the topics has told */
	struct hy_buf text;
};

static void add_node(struct walk *w, const struct hy_yaml_node *node, unsigned depth);

static void add_scalar(struct walk *w, const struct hy_yaml_node *node, unsigned depth)
{
	struct hy_str text = hy_yaml_text(node);
	const struct hy_list *list = NULL;

	/* The length keeps neighbours apart. */
	hy_buf_addf(&w->text, "%zu:%.*s", text.n, HY_STR_ARGS(text));
	if (text.n > 1 && text.p[0] == '$' && depth < LISTS_DEPTH)
		list = hy_lists_find(w->lists, node, w->ignored);
	if (list)
		add_node(w, list->items, depth + 1);
}

static void add_node(struct walk *w, const struct hy_yaml_node *node, unsigned depth)
{
	if (hy_yaml_is_scalar(node)) {
		add_scalar(w, node, depth);
		return;
	}
	hy_buf_add_char(&w->text, hy_yaml_is_mapping(node) ? '{' : '[');
	for (size_t i = 0; i < hy_yaml_count(node); i++) {
		const struct hy_yaml_node *key, *value;

		if (hy_yaml_is_mapping(node)) {
			hy_yaml_pair(node, i, &key, &value);
			hy_buf_addf(&w->text, "%.*s=", HY_STR_ARGS(hy_yaml_text(key)));
			add_node(w, value, depth);
		} else {
			add_node(w, hy_yaml_item(node, i), depth);
		}
	}
	hy_buf_add_char(&w->text, ';');
}

struct hy_id hy_topic_form(const struct hy_topics *topics, const struct hy_topic *topic)
{
	struct hy_findings ignored;
	struct walk w = {.lists = hy_topics_lists(topics), .ignored = &ignored};

	hy_findings_init(&ignored);
	hy_buf_init(&w.text, FORM_BYTES);
	for (size_t i = 0; i < HY_COUNT(deciding); i++) {
		const struct hy_yaml_node *node = hy_yaml_get(topic->node, deciding[i]);

		hy_buf_addf(&w.text, "%s=", deciding[i]);
		if (node)
			add_node(&w, node, 0);
	}
	if (topic->sector)
		add_node(&w, topic->sector->node, 0);
	/* One that is too long changes with every change of the set. */
	struct hy_id version = hy_topics_version(topics);
	struct hy_str whole = hy_buf_err(&w.text) ? hy_id_str(&version) : hy_buf_str(&w.text);
	struct hy_id form = hy_id_of(&whole, 1);

	hy_buf_fini(&w.text);
	hy_findings_fini(&ignored);
	return form;
}
