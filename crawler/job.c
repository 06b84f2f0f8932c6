#include "crawler/job.h"

#include <stdlib.h>

void hy_job_free(struct hy_job *job)
{
	if (!job)
		return;
	free(job->id);
	free(job->url);
	free(job->host);
	free(job->source);
	free(job->title);
	free(job->document);
	free(job->etag);
	free(job->last_modified);
	free(job->content_hash);
	free(job);
}

void hy_jobs_free(struct hy_job *first)
{
	while (first) {
		struct hy_job *next = first->next;

		hy_job_free(first);
		first = next;
	}
}
