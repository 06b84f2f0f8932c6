/*
 * The crawler daemon: puts the parts together and keeps them going.
 *
 *   claims -> visitor -> intake, poll -> batch -> store -> outbox -> analyzer
 *
 * Nothing that matters is only in memory: a crawler that dies at any moment is followed by
 * one that goes on from the store.
 */
#ifndef HY_CRAWLER_CRAWLER_H
#define HY_CRAWLER_CRAWLER_H

#include "common/sys/service.h"

/* For hy_service_main. */
extern const struct hy_service_spec hy_crawler_service;

#endif
