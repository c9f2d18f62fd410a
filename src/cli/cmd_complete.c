/* What may stand where a shell's cursor is: the shells' own files ask this, so that they need to know no
 * command, option or name and cannot go stale. Silent about everything that is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/catalogue.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "intake/recipe.h"
#include "store/read.h"

#define OFFERED_MAX 200
#define FILE_NAMES  2 /* as exit status: the shell knows these better */

struct offer {
    const char *prefix; /* of what is offered */
    const char *before; /* stands before each: "--batch=" */
    int count;
};

static void offer(struct offer *o, const char *word)
{
    if (!word || strncmp(word, o->prefix, strlen(o->prefix)) != 0 ||
        o->count == OFFERED_MAX)
        return;
    o->count++;
    printf("%s%s\n", o->before, word);
}

/* ---- names ---- */

static bool offer_batch(void *ctx, const struct view_row *row)
{
    offer(ctx, view_text(row, "batch"));
    return true;
}

static bool offer_ref(void *ctx, const struct view_row *row)
{
    struct offer *o = ctx;
    const char *ref = view_text(row, "ref");
    if (!ref || strncmp(ref, o->prefix, strlen(o->prefix)) > 0)
        return false;
    offer(o, ref);
    return o->count < OFFERED_MAX;
}

static void offer_rows(const struct cli *cli, struct offer *o, enum store_view view,
                       const char *key, view_row_fn *each)
{
    struct store *store;
    struct err err;
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return;
    store_read(store, view, key, 0, each, o, &err);
    store_close(store);
}

static void offer_actions(const struct cli *cli, struct offer *o)
{
    struct catalogue c = {0};
    struct err err;
    if (cli_read_catalogue(cli, &c, &err) == 0)
        for (size_t i = 0; i < c.count; i++)
            offer(o, c.actions[i].name);
    catalogue_close(&c);
}

static void offer_recipes(const struct cli *cli, struct offer *o)
{
    struct recipe_book book;
    struct err err;
    if (recipe_book_open(&book, remesa_get(cli->remesa, "recipes"), &err) == 0)
        for (size_t i = 0; i < book.count; i++)
            offer(o, book.recipes[i].name);
    recipe_book_close(&book);
}

static void offer_commands(struct offer *o)
{
    for (const struct command *const *c = cli_commands; *c; c++)
        if (!(*c)->is_hidden)
            offer(o, (*c)->name);
}

/* ---- what is wanted ---- */

static int offer_value(const struct cli *cli, struct offer *o, const char *flag,
                       const char *metavar)
{
    if (strcmp(flag, "--batch") == 0)
        offer_rows(cli, o, VIEW_PROGRESS, NULL, offer_batch);
    else if (strcmp(flag, "--recipe") == 0)
        offer_recipes(cli, o);
    else if (strstr(metavar, "FILE"))
        return FILE_NAMES;
    return 0;
}

static int offer_argument(const struct cli *cli, struct offer *o, const struct command *c)
{
    if (strstr(c->args, "FILE"))
        return FILE_NAMES;
    if (strstr(c->args, "REF"))
        offer_rows(cli, o, VIEW_REFS, o->prefix, offer_ref);
    if (strstr(c->args, "BATCH"))
        offer_rows(cli, o, VIEW_PROGRESS, NULL, offer_batch);
    if (strcmp(c->name, "actions") == 0)
        offer_actions(cli, o);
    if (strcmp(c->name, "recipes") == 0)
        offer_recipes(cli, o);
    return 0;
}

struct search {
    const char *flag;
    size_t len;
    char *metavar; /* of that flag; NULL: there is no such, or it takes nothing */
};

static void find_flag(void *ctx, const char *flag, const char *metavar)
{
    struct search *s = ctx;
    if (strlen(flag) == s->len && strncmp(flag, s->flag, s->len) == 0 && metavar &&
        !s->metavar)
        s->metavar = mem_text(metavar);
}

static char *metavar_of(const struct command *c, const char *flag, size_t len)
{
    struct search s = {flag, len, NULL};
    options_each(c, find_flag, &s);
    return s.metavar;
}

static void offer_flag(void *ctx, const char *flag, const char *metavar)
{
    (void)metavar;
    offer(ctx, flag);
}

/* "--batch=au" */
static int complete_joined(const struct cli *cli, struct offer *o,
                           const struct command *c)
{
    const char *whole = o->prefix, *equals = strchr(whole, '=');
    char *flag = mem_span((struct span){whole, (size_t)(equals - whole)});
    char *before = mem_printf("%s=", flag), *metavar = metavar_of(c, flag, strlen(flag));
    struct offer value = {.prefix = equals + 1, .before = before};
    int status = metavar ? offer_value(cli, &value, flag, metavar) : 0;
    free(metavar);
    free(before);
    free(flag);
    return status;
}

static int complete_word(const struct cli *cli, struct offer *o, const struct command *c,
                         const char *word_before)
{
    char *metavar = metavar_of(c, word_before, strlen(word_before));
    int status = 0;
    if (metavar)
        status = offer_value(cli, o, word_before, metavar);
    else if (o->prefix[0] == '-' && strchr(o->prefix, '='))
        status = complete_joined(cli, o, c);
    else if (o->prefix[0] == '-')
        options_each(c, offer_flag, o);
    else
        status = offer_argument(cli, o, c);
    free(metavar);
    return status;
}

/* The line's own --db counts. */
static void heed_database(struct cli *cli)
{
    for (int i = 0; i < cli->arg_count; i++)
        if (strcmp(cli->args[i], "--db") == 0 && i + 2 < cli->arg_count)
            cli->database = cli->args[i + 1];
        else if (strncmp(cli->args[i], "--db=", 5) == 0 && i + 1 < cli->arg_count)
            cli->database = cli->args[i] + 5;
}

static int run_complete(struct cli *cli)
{
    struct offer o = {.prefix = "", .before = ""};
    int last = cli->arg_count - 1;
    if (last >= 0)
        o.prefix = cli->args[last];
    bool is_name = last <= 0 || (last == 1 && strcmp(cli->args[0], "help") == 0);
    if (is_name) {
        offer_commands(&o);
        if (last <= 0) {
            offer(&o, "help");
            offer(&o, "version");
        }
        return 0;
    }
    const struct command *c = cli_find_command(cli->args[0]);
    heed_database(cli);
    return c ? complete_word(cli, &o, c, cli->args[last - 1]) : 0;
}

const struct command command_complete = {
    .name = "complete",
    .args = "-- WORD...",
    .summary = "What may stand in the place of the last word; for the shells' completion",
    .about = "A line each. exit status: 0; 2 names of files may stand there",
    .options = "",
    .run = run_complete,
    .is_hidden = true,
};
