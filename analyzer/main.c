#include "analyzer/analyzer.h"
#include "common/sys/service.h"

int main(int argc, char **argv)
{
	return hy_service_main(argc, argv, &hy_analyzer_spec);
}
