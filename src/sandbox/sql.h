/* The SQLite file of the sandbox: one connection, every statement prepared once, one
 * transaction per turn of the loop. This file has the mechanism; the tables are written
 * and read by ledger.h (requests, effects) and resource.h (what the API shows).
 *
 * A sandbox that cannot keep its ledger judges nothing: when a statement fails, it says
 * so and the program ends with status 74. */
#ifndef REMESA_SANDBOX_SQL_H
#define REMESA_SANDBOX_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define SQL_RESOURCE_COLUMNS                                                             \
    "kind, id, user_id, created_us, reference, amount, attributes, relationships, "      \
    "related_id "

/* What is read back: a kind without states has none. */
#define SQL_RESOURCE_ROW                                                                 \
    SQL_RESOURCE_COLUMNS ", (SELECT state FROM state AS s WHERE s.kind=resource.kind "   \
                         "AND s.id=resource.id) FROM resource "

/* What belongs to one: named, because without statistics SQLite walks through all of the
 * kind for each, and a list of 5,000 issues then takes minutes. */
#define SQL_OF_PARENT "INDEXED BY resource_related "

/* Filters: of a parent, and by the value of one attribute. */
#define SQL_RESOURCE_WANTED                                                              \
    "AND (?7=0 OR related_id=?7) "                                                       \
    "AND (?8 IS NULL OR json_extract(attributes, '$.' || ?8)=?9) "

#define SQL_STATEMENTS(X)                                                                \
    X(BEGIN, "BEGIN IMMEDIATE")                                                          \
    X(COMMIT, "COMMIT")                                                                  \
    X(ADD_REQUEST,                                                                       \
      "INSERT INTO request(at_us, method, path, query, endpoint, user_id, fault, body, " \
      "authorization_ok, x_request_id) VALUES(?,?,?,?,?,?,?,?,?,?)")                     \
    X(SET_STATUS, "UPDATE request SET status=? WHERE id=?")                              \
    X(LAST_REQUEST, "SELECT coalesce(max(id), 0) FROM request")                          \
    X(RECENT,                                                                            \
      "SELECT at_us FROM (SELECT id, at_us FROM request WHERE status IS NOT 429 "        \
      "ORDER BY id DESC LIMIT ?) ORDER BY id")                                           \
    X(TIMES, "SELECT at_us FROM request WHERE ? OR status IS NOT 429 ORDER BY id")       \
    X(COUNT_429, "SELECT count(*), count(*) FILTER (WHERE fault IS NULL) FROM request "  \
                 "WHERE status=429")                                                     \
    X(BY_ENDPOINT, "SELECT endpoint, count(*) FROM request GROUP BY 1 ORDER BY 1")       \
    X(BY_STATUS, "SELECT coalesce(CAST(status AS TEXT), 'none'), count(*) FROM request " \
                 "GROUP BY 1 ORDER BY 1")                                                \
    X(BY_FAULT,                                                                          \
      "SELECT fault, count(*) FROM request WHERE fault IS NOT NULL GROUP BY 1 "          \
      "ORDER BY 1")                                                                      \
    X(ADD_EFFECT,                                                                        \
      "INSERT INTO effect(request_id, kind, resource_id, user_id, reference, amount, "   \
      "currency, body) VALUES(?,?,?,?,?,?,?,?)")                                         \
    X(EFFECTS,                                                                           \
      "SELECT id, request_id, kind, resource_id, user_id, reference, amount, currency, " \
      "body FROM effect ORDER BY id")                                                    \
    X(BY_KIND, "SELECT kind, count(*) FROM effect GROUP BY 1 ORDER BY 1")                \
    X(NEXT_ID, "SELECT coalesce(max(id) + 1, ?) FROM resource WHERE kind=?")             \
    X(ADD_RESOURCE,                                                                      \
      "INSERT INTO resource(" SQL_RESOURCE_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?)")        \
    X(GET_RESOURCE, "SELECT " SQL_RESOURCE_ROW "WHERE kind=? AND id=? AND deleted <= ?") \
    X(LIST, "SELECT " SQL_RESOURCE_ROW "WHERE kind=?1 AND user_id=?6 AND NOT deleted "   \
            "AND created_us BETWEEN ?2 AND ?3 " SQL_RESOURCE_WANTED                      \
            "ORDER BY id LIMIT ?4 OFFSET ?5")                                            \
    X(LIST_ALL, "SELECT " SQL_RESOURCE_ROW "WHERE kind=?1 AND NOT deleted "              \
                "AND created_us BETWEEN ?2 AND ?3 " SQL_RESOURCE_WANTED                  \
                "ORDER BY id LIMIT ?4 OFFSET ?5")                                        \
    X(LIST_ORDERS,                                                                       \
      "SELECT " SQL_RESOURCE_ROW "WHERE kind IN ('asks', 'bids') AND NOT deleted "       \
      "AND (?6 IS NULL OR user_id=?6) AND created_us BETWEEN ?2 AND "                    \
      "?3 " SQL_RESOURCE_WANTED "AND EXISTS (SELECT 1 FROM state AS s "                  \
      "WHERE s.kind=resource.kind AND s.id=resource.id AND s.state='executing') "        \
      "ORDER BY created_us, kind, id LIMIT ?4 OFFSET ?5")                                \
    X(COUNT_CHILDREN, "SELECT count(*) FROM resource " SQL_OF_PARENT                     \
                      "WHERE kind=? AND related_id=? AND NOT deleted")                   \
    X(RELATED, "SELECT " SQL_RESOURCE_ROW "WHERE kind='withdrawal_instructions' "        \
               "AND id IN (SELECT related_id FROM resource WHERE kind=? AND user_id=? "  \
               "AND NOT deleted) ORDER BY id")                                           \
    X(CHILDREN, "SELECT " SQL_RESOURCE_ROW SQL_OF_PARENT                                 \
                "WHERE kind=? AND related_id=? AND NOT deleted ORDER BY id")             \
    X(ATTACHMENTS, "SELECT " SQL_RESOURCE_ROW SQL_OF_PARENT                              \
                   "WHERE kind='attachments' AND related_id=? AND NOT deleted AND "      \
                   "json_extract(relationships, '$.attached_to_seed.data.type')=? "      \
                   "ORDER BY id")                                                        \
    X(NEWEST, "SELECT max(id) FROM resource WHERE kind=? AND user_id=? AND NOT deleted") \
    X(SET_RESOURCE,                                                                      \
      "UPDATE resource SET reference=?, attributes=? WHERE kind=? AND id=?")             \
    X(DELETE_RESOURCE, "UPDATE resource SET deleted=1 WHERE kind=? AND id=?")            \
    X(EMAIL_TAKEN,                                                                       \
      "SELECT 1 FROM resource WHERE kind='users' AND reference=? COLLATE NOCASE "        \
      "AND id<>? AND NOT deleted")                                                       \
    X(SET_STATE,                                                                         \
      "INSERT INTO state(kind, id, state, since_us, due_us, failures) "                  \
      "VALUES(?1,?2,?3,?4,?5,?3='failed') ON CONFLICT(kind, id) DO UPDATE SET "          \
      "state=?3, since_us=?4, due_us=?5, failures=failures + (?3='failed')")             \
    X(NEXT_DUE, "SELECT kind, id, due_us FROM state WHERE due_us<=? "                    \
                "ORDER BY due_us, kind, id LIMIT 1")                                     \
    X(REST, "UPDATE state SET due_us=NULL WHERE kind=? AND id=?")                        \
    X(FAILURES, "SELECT failures FROM state WHERE kind=? AND id=?")                      \
    X(DECIDE_ISSUES, "UPDATE state SET due_us=? WHERE kind='issues' "                    \
                     "AND state IN ('new', 'answered')")                                 \
    X(WAKE, "UPDATE state SET due_us=? WHERE kind=? AND id=? AND state=?")               \
    X(WAKE_OUTPUTS_OF_PAYEE,                                                             \
      "UPDATE state SET due_us=? WHERE kind='concierge_request_outputs' "                \
      "AND state='accepting' AND id IN (SELECT id FROM resource "                        \
      "WHERE kind='concierge_request_outputs' "                                          \
      "AND json_extract(relationships, '$.user.data.id')=?)")                            \
    X(WAKE_OUTPUTS_OF_REQUEST,                                                           \
      "UPDATE state SET due_us=? WHERE kind='concierge_request_outputs' "                \
      "AND state='accepted' AND id IN (SELECT id FROM resource "                         \
      "WHERE kind='concierge_request_outputs' AND related_id=?)")                        \
    X(CANCEL_OUTPUTS,                                                                    \
      "UPDATE state SET state='cancelled', since_us=?, due_us=NULL "                     \
      "WHERE kind='concierge_request_outputs' AND state IN ('accepting', 'accepted') "   \
      "AND id IN (SELECT id FROM resource WHERE kind='concierge_request_outputs' "       \
      "AND related_id=?)")                                                               \
    /* One is enough to know, and those with the highest ids end last. */                \
    X(OUTPUTS_LEFT,                                                                      \
      "SELECT count(*) FROM (SELECT 1 FROM resource JOIN state USING(kind, id) "         \
      "WHERE kind='concierge_request_outputs' AND related_id=? AND NOT deleted "         \
      "AND state NOT IN ('rejected', 'settled', 'returned', 'cancelled') "               \
      "ORDER BY id DESC LIMIT 1)")                                                       \
    X(BY_STATE, "SELECT kind || ' ' || state, count(*) FROM state GROUP BY 1 "           \
                "ORDER BY 1")                                                            \
    X(SHIFT, "SELECT coalesce(sum(by_us), 0) FROM shift")                                \
    X(ADD_SHIFT, "INSERT INTO shift(by_us) VALUES(?)")

enum sql_name {
#define X(name, text) SQL_##name,
    SQL_STATEMENTS(X)
#undef X
        SQL_COUNT
};

struct sql {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    bool writing; /* a transaction is open */
};

/* NULL: in memory. An existing file is continued; one of another program is refused. */
int sql_open(struct sql *s, const char *file, struct err *err);
void sql_close(struct sql *s);

/* The statement, fresh: binds and steps follow. Texts bound to it are borrowed until it
 * is done. For writing statements sql_write opens the transaction first. */
sqlite3_stmt *sql_use(struct sql *s, enum sql_name name);
sqlite3_stmt *sql_write(struct sql *s, enum sql_name name);
void sql_commit(struct sql *s); /* nothing when nothing was written */

void sql_bind_text(sqlite3_stmt *st, int at, struct span text); /* no pointer: NULL */
void sql_bind_int(sqlite3_stmt *st, int at, int64_t value);

/* True: a row. False: none left, and the statement is done. */
bool sql_row(struct sql *s, sqlite3_stmt *st);
/* Runs a statement that gives no row. */
void sql_run(struct sql *s, sqlite3_stmt *st);
/* The first column of its only row. */
int64_t sql_number(struct sql *s, sqlite3_stmt *st);

/* A NULL has no pointer. Good until the next step. */
struct span sql_text(sqlite3_stmt *st, int column);

#endif
