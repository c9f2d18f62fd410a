#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "store/audit.h"

#define LINE_ROOM (8 * 1024 * 1024)

struct listing {
    bool json, quiet;
    bool any;
};

static void write_json(struct buf *line, const struct audit_row *row, const char *at)
{
    struct jsonw w;
    jsonw_init(&w, line);
    jsonw_open(&w, NULL, '{');
    jsonw_int(&w, "id", row->id);
    jsonw_text(&w, "at", at);
    jsonw_text(&w, "who", row->who);
    jsonw_text(&w, "what", row->what);
    jsonw_text(&w, "subject", row->subject);
    jsonw_text(&w, "detail",
               row->detail); /* a text: it may have been changed to anything */
    jsonw_text(&w, "hash", row->hash);
    jsonw_close(&w, '}');
}

/* Texts of somebody else's making, on a terminal perhaps. */
static void add_text(struct buf *line, const char *text)
{
    buf_add_text(line, "  ");
    text_printable(line, span_of(text));
}

static void write_text(struct buf *line, const struct audit_row *row, const char *at)
{
    buf_printf(line, "%5" PRId64 "  %s", row->id, at);
    add_text(line, row->who);
    add_text(line, row->what);
    add_text(line, row->subject);
    add_text(line, row->detail);
}

static void tell(void *ctx, const struct audit_row *row)
{
    struct listing *l = ctx;
    struct buf line;
    char at[WALL_TEXT_MAX];
    if (l->quiet && !l->json)
        return;
    buf_init(&line, LINE_ROOM);
    wall_text(row->at, at);
    if (l->json)
        write_json(&line, row, at);
    else
        write_text(&line, row, at);
    printf("%s%s%s", l->json && l->any ? ",\n" : "", line.data, l->json ? "" : "\n");
    l->any = true;
    buf_close(&line);
}

static int audit(struct cli *cli, struct store *store)
{
    struct listing l = {.json = cli->json, .quiet = cli->quiet};
    struct err err;
    int64_t rows;
    if (l.json)
        puts("{\"rows\":[");
    int rc = store_audit(store, tell, &l, &rows, &err);
    if (l.json)
        printf("],\n\"holds\":%s}\n", rc ? "false" : "true");
    if (rc)
        return cli_fail_with(&err);
    if (!l.quiet && !l.json)
        printf("all %" PRId64 " %s\n", rows, text_plural(rows, "row holds", "rows hold"));
    return 0;
}

static int run_audit(struct cli *cli)
{
    struct err err;
    struct store *store;
    if (cli->arg_count)
        return cli_usage("audit takes no argument");
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return cli_fail_with(&err);
    int status = audit(cli, store);
    store_close(store);
    return status;
}

const struct command command_audit = {
    .name = "audit",
    .args = "",
    .summary = "Who did what, when; and whether that record still holds",
    .about =
        "Imports, runs, decisions and what was accepted are kept in a chain: each row "
        "has "
        "the hash of the one\nbefore it. All of it is computed again, and held against "
        "the mark beside the database (a tail that was\ncut off), the decisions, and the "
        "rows of every batch.\n\n"
        "exit status: 0 it holds; 65 it does not, and the first row that does not is "
        "named",
    .options = "",
    .run = run_audit,
};
