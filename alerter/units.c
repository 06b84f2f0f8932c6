#include "alerter/units.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define UNITS_FILE "units.yaml"
#define PHONE_DIGITS_MIN 3
#define PHONE_DIGITS_MAX 24

static const struct {
	const char *id, *title;
} roles[] = {
#define X(name, id, title) {id, title},
	HY_ROLE_LIST(X)
#undef X
};

static const char *const kinds[] = {
#define X(name, id) id,
	HY_UNIT_KIND_LIST(X)
#undef X
};

static const char *const unit_keys[] = {"id",	 "name",     "kind",	   "parent",   "roles",
					"phone", "contacts", "valid_from", "valid_to", "note",
					NULL};
static const char *const contact_keys[] = {"post", "phone", NULL};
static const char *const root_keys[] = {"units", NULL};

const char *hy_role_id(enum hy_role role)
{
	return roles[role].id;
}

const char *hy_role_title(enum hy_role role)
{
	return roles[role].title;
}

bool hy_role_parse(struct hy_str s, enum hy_role *out)
{
	for (size_t i = 0; i < HY_COUNT(roles); i++) {
		if (hy_str_eq_c(s, roles[i].id)) {
			*out = (enum hy_role)i;
			return true;
		}
	}
	return false;
}

const char *hy_unit_kind_id(enum hy_unit_kind kind)
{
	return kinds[kind];
}

static void read_kind(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_unit *unit)
{
	struct hy_str kind;

	if (!hy_yaml_read_text(entry, "kind", true, findings, &kind))
		return;
	for (size_t i = 0; i < HY_COUNT(kinds); i++) {
		if (hy_str_eq_c(kind, kinds[i])) {
			unit->kind = (enum hy_unit_kind)i;
			return;
		}
	}
	hy_yaml_finding(hy_yaml_get(entry, "kind"), findings,
			"单位类别应为 committee、department、street、park 或 agency");
}

static void read_roles(const struct hy_yaml_node *entry, struct hy_findings *findings,
		       struct hy_unit *unit)
{
	size_t count = hy_rule_word_count(entry, "roles");

	for (size_t i = 0; i < count; i++) {
		const struct hy_yaml_node *at;
		struct hy_str word = hy_rule_word(entry, "roles", i, &at);
		enum hy_role role;

		if (hy_role_parse(word, &role))
			unit->roles |= 1u << role;
		else
			hy_yaml_finding(at, findings, "没有“%.*s”这个职责", HY_STR_ARGS(word));
	}
}

/* As desks are dialled: 0531-8887 1234 转 8, (0531)12345, 12345. */
static bool is_phone(struct hy_str s)
{
	size_t digits = 0;

	while (s.n) {
		struct hy_str extension = HY_STR_LIT("转");

		if (s.p[0] >= '0' && s.p[0] <= '9')
			digits++;
		else if (hy_str_starts(s, extension))
			s = hy_str_sub(s, extension.n - 1, s.n);
		else if (!strchr("+-() ", s.p[0]))
			return false;
		s = hy_str_sub(s, 1, s.n);
	}
	return digits >= PHONE_DIGITS_MIN && digits <= PHONE_DIGITS_MAX;
}

static void read_phone(const struct hy_yaml_node *entry, bool required,
		       struct hy_findings *findings, struct hy_str *out)
{
	struct hy_str phone = {0};

	if (!hy_yaml_read_text(entry, "phone", required, findings, &phone))
		return;
	if (phone.n && !is_phone(phone))
		hy_yaml_finding(hy_yaml_get(entry, "phone"), findings, "“%.*s”不是电话号码",
				HY_STR_ARGS(phone));
	*out = phone;
}

static void read_contact(const struct hy_yaml_node *entry, struct hy_findings *findings,
			 struct hy_unit *unit)
{
	struct hy_contact *contact = &unit->contact[unit->contact_count];

	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "联系方式应写明 post 和 phone");
		return;
	}
	(void)hy_yaml_known_keys(entry, contact_keys, findings);
	(void)hy_yaml_read_text(entry, "post", true, findings, &contact->post);
	read_phone(entry, true, findings, &contact->phone);
	unit->contact_count++;
}

static void read_contacts(const struct hy_yaml_node *entry, struct hy_findings *findings,
			  struct hy_unit *unit)
{
	const struct hy_yaml_node *list = hy_yaml_get(entry, "contacts");

	if (!list)
		return;
	if (!hy_yaml_is_sequence(list) || hy_yaml_count(list) > HY_UNIT_CONTACTS_MAX) {
		hy_yaml_finding(list, findings, "“contacts”应为列表，至多 %d 项",
				HY_UNIT_CONTACTS_MAX);
		return;
	}
	for (size_t i = 0; i < hy_yaml_count(list); i++)
		read_contact(hy_yaml_item(list, i), findings, unit);
}

static void read_unit(const struct hy_units *units, const struct hy_yaml_node *entry,
		      struct hy_findings *findings, struct hy_unit *unit)
{
	const struct hy_unit *twin;

	unit->at = entry;
	if (!hy_yaml_is_mapping(entry)) {
		hy_yaml_finding(entry, findings, "每个单位应写成“键: 值”");
		return;
	}
	(void)hy_yaml_known_keys(entry, unit_keys, findings);
	unit->id = hy_rule_id(entry, findings);
	(void)hy_yaml_read_text(entry, "name", true, findings, &unit->name);
	read_phone(entry, false, findings, &unit->phone);
	read_kind(entry, findings, unit);
	read_roles(entry, findings, unit);
	read_contacts(entry, findings, unit);
	hy_validity_read(entry, findings, &unit->valid);
	twin = hy_units_get(units, unit->id);
	if (unit->id.n && twin)
		hy_yaml_finding(hy_yaml_get(entry, "id"), findings,
				"单位“%.*s”重复，前一处在第 %d 行", HY_STR_ARGS(unit->id),
				hy_yaml_line(twin->at));
}

/* Parents need all units to be known; a ring would make every walk upwards endless. */
static void link_parents(struct hy_units *units, struct hy_findings *findings)
{
	for (size_t i = 0; i < units->count; i++) {
		struct hy_unit *unit = &units->item[i];
		const struct hy_unit *above;

		if (!unit->id.n || !hy_yaml_get(unit->at, "parent"))
			continue;
		above = hy_units_read(units, unit->at, "parent", 0, findings);
		if (above && hy_unit_is_under(above, unit))
			hy_yaml_finding(hy_yaml_get(unit->at, "parent"), findings,
					"上级单位绕成了一圈");
		else
			unit->parent = above;
	}
}

enum hy_err hy_units_load(const char *dir, struct hy_findings *findings, struct hy_units **out)
{
	struct hy_units *units = hy_xcalloc(1, sizeof *units);
	const struct hy_yaml_node *list;
	enum hy_err err = hy_rule_file_open(dir, UNITS_FILE, findings, &units->file);

	if (err) {
		hy_units_free(units);
		return err;
	}
	list = hy_rule_list(units->file, "units", findings);
	if (list) {
		(void)hy_yaml_known_keys(hy_yaml_root(units->file), root_keys, findings);
		units->item = hy_xcalloc(hy_yaml_count(list) + 1, sizeof *units->item);
		for (size_t i = 0; i < hy_yaml_count(list); i++) {
			read_unit(units, hy_yaml_item(list, i), findings, &units->item[i]);
			units->count++;
		}
		link_parents(units, findings);
	}
	*out = units;
	return HY_OK;
}

void hy_units_free(struct hy_units *units)
{
	if (!units)
		return;
	hy_yaml_free(units->file);
	free(units->item);
	free(units);
}

const struct hy_unit *hy_units_get(const struct hy_units *units, struct hy_str id)
{
	for (size_t i = 0; id.n && i < units->count; i++) {
		if (hy_str_eq(units->item[i].id, id))
			return &units->item[i];
	}
	return NULL;
}

const struct hy_unit *hy_units_holder(const struct hy_units *units, enum hy_role role,
				      struct hy_wall at, size_t *out_count)
{
	const struct hy_unit *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->item[i];

		if (!(unit->roles & (1u << role)) || !hy_validity_covers(&unit->valid, at))
			continue;
		if (!first)
			first = unit;
		count++;
	}
	if (out_count)
		*out_count = count;
	return first;
}

bool hy_unit_is_under(const struct hy_unit *unit, const struct hy_unit *superior)
{
	for (; unit; unit = unit->parent) {
		if (unit == superior)
			return true;
	}
	return false;
}

const struct hy_unit *hy_units_read(const struct hy_units *units, const struct hy_yaml_node *entry,
				    const char *key, size_t index, struct hy_findings *findings)
{
	const struct hy_yaml_node *at;
	struct hy_str id = hy_rule_word(entry, key, index, &at);
	const struct hy_unit *unit = hy_units_get(units, id);

	if (!unit)
		hy_yaml_finding(at ? at : entry, findings, "没有单位“%.*s”", HY_STR_ARGS(id));
	return unit;
}
