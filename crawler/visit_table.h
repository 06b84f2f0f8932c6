/* What each way in which a request can end means; see v_page.kind for the kinds. */
#ifndef HY_CRAWLER_VISIT_TABLE_H
#define HY_CRAWLER_VISIT_TABLE_H

#include <stdbool.h>

#include "crawler/fetch.h"
#include "crawler/visitor.h"

enum hy_visit_manner {
	HY_MANNER_NONE,
	HY_MANNER_PAUSE,	/* the host asked for quiet: pause it as a whole */
	HY_MANNER_STRIKE,	/* no answer: pause the host when it happens again and again */
	HY_MANNER_AWAIT,	/* this page only, but not soon */
};

struct hy_visit_rule {
	enum hy_visit_end end;
	const char *kind;
	const char *reason;	/* Chinese */
	enum hy_visit_manner manner;
	bool counts;
};

/* Never NULL. */
const struct hy_visit_rule *hy_visit_rule_of(enum hy_fetch_end end, int64_t status);

#endif
