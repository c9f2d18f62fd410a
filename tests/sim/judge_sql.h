/* The judge's statements: prepared once, on the image. Not for others. */
#ifndef TESTS_SIM_JUDGE_SQL_H
#define TESTS_SIM_JUDGE_SQL_H

#include <sqlite3.h>

#include "sim/disk.h"

enum judge_query {
    QUERY_JOBS,
    QUERY_SEND,
    QUERY_SUMS,
    QUERY_SCHEMA,
    QUERY_HISTORY,
    QUERY_CONTROL,
    QUERY_DOUBTS,
    QUERY_INTEGRITY,
    QUERY_FOREIGN_KEYS,
    QUERY_COUNT
};

void judge_sql_open(void);
void judge_sql_close(void);

/* Reset, on a fresh image. */
sqlite3_stmt *judge_query(enum judge_query query, enum disk_view view);
/* True: a row. An error is a finding. */
bool judge_row(sqlite3_stmt *q);
const char *judge_text(sqlite3_stmt *q, int column); /* "" for NULL */

#endif
