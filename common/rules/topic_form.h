/*
 * Form of a topic: a fingerprint of what decides whether it fires, which is its conditions, its
 * sector's words and the lists that they name. Title, owner, severity, samples and notes are not
 * in it, nor how the file is laid out. Figures of a topic can be compared while its form stays.
 */
#ifndef HY_RULES_TOPIC_FORM_H
#define HY_RULES_TOPIC_FORM_H

#include "common/rules/topics.h"
#include "common/sys/content_id.h"

struct hy_id hy_topic_form(const struct hy_topics *topics, const struct hy_topic *topic);

#endif
