/*
 * units.yaml: departments, street offices, parks and resident agencies, with the roles they
 * hold. A role is what a topic names as its owner (谁主管、谁负责): routing finds the unit that
 * holds it at that moment, so a reform changes units.yaml and no topic.
 *
 * Texts are views into the file, which the set keeps open: they live as long as the set.
 */
#ifndef HY_ALERTER_UNITS_H
#define HY_ALERTER_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/rule_file.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"

#define HY_ROLE_LIST(X) \
	X(LABOUR, "labour", "劳动就业") \
	X(CIVIL, "civil", "民生保障") \
	X(HOUSING, "housing", "住房物业") \
	X(CONSTRUCTION, "construction", "建设道路") \
	X(MARKET, "market", "市场监管") \
	X(APPROVAL, "approval", "审批服务") \
	X(ECONOMY, "economy", "经济发展") \
	X(FINANCE, "finance", "财政金融") \
	X(ENVIRONMENT, "environment", "生态环境") \
	X(SAFETY, "safety", "安全应急") \
	X(POLICE, "police", "治安交通") \
	X(UTILITIES, "utilities", "水电气暖") \
	X(PUBLICITY, "publicity", "宣传信息") \
	X(OFFICE, "office", "综合协调")

enum hy_role {
#define X(name, id, title) HY_ROLE_##name,
	HY_ROLE_LIST(X)
#undef X
	HY_ROLE_COUNT
};
const char *hy_role_id(enum hy_role role);
const char *hy_role_title(enum hy_role role);	/* Chinese */
bool hy_role_parse(struct hy_str s, enum hy_role *out);

#define HY_UNIT_KIND_LIST(X) \
	X(COMMITTEE, "committee") X(DEPARTMENT, "department") X(STREET, "street") \
	X(PARK, "park") X(AGENCY, "agency")

enum hy_unit_kind {
#define X(name, id) HY_UNIT_##name,
	HY_UNIT_KIND_LIST(X)
#undef X
	HY_UNIT_KIND_COUNT
};
const char *hy_unit_kind_id(enum hy_unit_kind kind);

#define HY_UNIT_CONTACTS_MAX 16

/* Another desk than the one on duty: 信访岗, 新闻发言人办公室. */
struct hy_contact {
	struct hy_str post, phone;
};

struct hy_unit {
	struct hy_str id, name;
	enum hy_unit_kind kind;
	const struct hy_unit *parent;		/* NULL: the top */
	uint32_t roles;				/* bit 1 << role */
	struct hy_validity valid;
	struct hy_str phone;			/* of the duty desk, never of a person; may be "" */
	struct hy_contact contact[HY_UNIT_CONTACTS_MAX];
	size_t contact_count;
	const struct hy_yaml_node *at;
};

struct hy_units {
	struct hy_yaml *file;
	struct hy_unit *item;
	size_t count;
};

/* Findings do not stop the reading; fails only where the file cannot be read or parsed. */
enum hy_err hy_units_load(const char *dir, struct hy_findings *findings, struct hy_units **out)
	HY_MUST_CHECK;
void hy_units_free(struct hy_units *units);

const struct hy_unit *hy_units_get(const struct hy_units *units, struct hy_str id);

/* Who holds the role at that moment: the first in file order, and how many do. */
const struct hy_unit *hy_units_holder(const struct hy_units *units, enum hy_role role,
				      struct hy_wall at, size_t *out_count);

/* True where `unit` is `superior` or below it. */
bool hy_unit_is_under(const struct hy_unit *unit, const struct hy_unit *superior);

/* entry[key] (the index-th word) as a unit; NULL with a finding where there is none. */
const struct hy_unit *hy_units_read(const struct hy_units *units, const struct hy_yaml_node *entry,
				    const char *key, size_t index, struct hy_findings *findings);

#endif
