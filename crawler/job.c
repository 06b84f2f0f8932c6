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
	free(job->etag);
	free(job->last_modified);
	free(job->content_hash);
	free(job);
}
