#include "crawler/crawler.h"

int main(int argc, char **argv)
{
	return hy_service_main(argc, argv, &hy_crawler_service);
}
