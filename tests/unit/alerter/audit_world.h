/* What the tests of the audit do beside a ledger's: harm that the store itself would refuse. */
#ifndef TESTS_UNIT_ALERTER_AUDIT_WORLD_H
#define TESTS_UNIT_ALERTER_AUDIT_WORLD_H

#include "tests/unit/alerter/ledger_world.h"

/* As who may alter tables can: the store no longer minds what is done to the audit. */
static inline void unprotect_audit(struct fixture *f)
{
	bool sqlite = f->engine == TEST_SQLITE;

	run(f, sqlite ? "DROP TRIGGER audit_unchanged" : "DROP TRIGGER audit_unchanged ON audit");
	run(f, sqlite ? "DROP TRIGGER audit_kept" : "DROP TRIGGER audit_kept ON audit");
}

#endif
