#include "analyzer/flights.h"

#include <stdlib.h>

#include "common/base/mem.h"

void hy_flights_init(struct hy_flights *flights, size_t max)
{
	hy_map_init(&flights->by_document, max);
	hy_map_init(&flights->by_alert, max);
}

void hy_flights_fini(struct hy_flights *flights)
{
	void *flight;
	size_t at = 0;

	while (hy_map_next(&flights->by_document, &at, NULL, &flight))
		hy_flight_free(flight);
	hy_map_fini(&flights->by_document);
	hy_map_fini(&flights->by_alert);
}

struct hy_flight *hy_flights_find(const struct hy_flights *flights, struct hy_str document)
{
	return hy_map_get(&flights->by_document, document);
}

enum hy_err hy_flights_add(struct hy_flights *flights, struct hy_str document,
			   const struct hy_id *alert, const struct hy_id *rules,
			   const struct hy_bus_peer *peer)
{
	struct hy_flight *flight = hy_xcalloc(1, sizeof *flight);

	flight->document = hy_str_dup(document);
	flight->alert = *alert;
	flight->rules = *rules;
	flight->peer = *peer;
	enum hy_err err = hy_map_set(&flights->by_document, document, flight);
	if (!err)
		err = hy_map_set(&flights->by_alert, hy_id_str(alert), flight);
	if (err) {
		(void)hy_map_remove(&flights->by_document, document);
		hy_flight_free(flight);
	}
	return err;
}

struct hy_flight *hy_flights_take(struct hy_flights *flights, struct hy_str alert)
{
	struct hy_flight *flight = hy_map_remove(&flights->by_alert, alert);

	if (flight)
		(void)hy_map_remove(&flights->by_document, hy_str_of(flight->document));
	return flight;
}

void hy_flight_free(struct hy_flight *flight)
{
	if (!flight)
		return;
	free(flight->document);
	free(flight);
}

size_t hy_flights_count(const struct hy_flights *flights)
{
	return flights->by_document.used;
}
