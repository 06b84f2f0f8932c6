/* What kind of page this is, judged by what was found on it. */
#ifndef HY_CRAWLER_EXTRACT_KIND_H
#define HY_CRAWLER_EXTRACT_KIND_H

#include <stdbool.h>

#include "common/base/str.h"
#include "common/base/time.h"
#include "crawler/extract.h"
#include "crawler/extract_title.h"
#include "crawler/extract_unit.h"

struct hy_kind_input {
	const struct hy_measure *m;
	const struct hy_units *units;
	const struct hy_title *title;
	struct hy_str text;		/* of the body, maybe empty */
	struct hy_str url;
	struct hy_wall published_at;
	bool time_declared;		/* to programs, not only to readers */
	bool is_thread;			/* the text is contributions of a forum */
};

/* Sets kind, suspicious and why of *article. */
void hy_kind_judge(const struct hy_kind_input *in, struct hy_article *article);

#endif
