/*
 * Writes the tables of a report: HTML for reading and printing (A4), CSV for spreadsheets.
 */
#ifndef HY_REPORT_RENDER_H
#define HY_REPORT_RENDER_H

#include "common/base/buf.h"
#include "report/table.h"

struct hy_report {
	const char *title;		/* "济南高新区政务舆情回应周报" */
	int year, week;			/* ISO 8601 */
	struct hy_report_scope scope;
	struct hy_table *tables;	/* owned by whoever made them */
	size_t table_count;
};

/* A whole page without anything from elsewhere; the queries stand at its end. */
void hy_report_html(const struct hy_report *report, struct hy_buf *out);

/*
 * RFC 4180 with a UTF-8 byte order mark (WPS and Excel need it to read Chinese): each table a
 * block: its title, its definition, the query, the columns' names, the rows, an empty line. A
 * cell that a spreadsheet would take for a formula gets an apostrophe in front.
 */
void hy_report_csv(const struct hy_report *report, struct hy_buf *out);

#endif
