#include <stdio.h>

#include "api/catalogue.h"
#include "cli/cli.h"
#include "cli/recipes_json.h"
#include "intake/recipe.h"

static const char *scope_name(enum step_scope scope)
{
    switch (scope) {
    case STEP_BEFORE:
        return "once, first";
    case STEP_ROW:
        return "each line";
    case STEP_AFTER:
        return "once, last";
    }
    return "";
}

static void print_ref(const struct step *s)
{
    if (s->scope != STEP_ROW)
        printf("BATCH=%s", s->name);
    else if (s->once_per)
        printf("%s+%s", s->once_per, s->name);
    else
        printf("{ref}.%s", s->name);
}

static void print_step(const struct recipe *r, const struct step *s)
{
    printf("  %-11s  %-30s  ", scope_name(s->scope), s->action);
    print_ref(s);
    for (size_t i = 0; i < s->when_count; i++)
        printf("%s%s", i ? " or " : ", when there is ", r->columns[s->when[i]].name);
    putchar('\n');
}

static void print_choices(const struct action_field *f, bool after_help)
{
    for (size_t i = 0; f && f->choices && f->choices[i]; i++)
        printf("%s%s", i ? " " : after_help ? "; one of: " : ": one of: ", f->choices[i]);
}

static void print_column(const struct recipe_column *c)
{
    const char *type = recipe_column_type(c);
    const char *help = recipe_column_help(c);
    printf("  %-24s  %-8s  %s%s%s%s", c->name, type,
           c->required ? "required" : "optional", c->of_batch ? ", with --set" : "",
           help ? ": " : "", help ? help : "");
    print_choices(c->fills, help != NULL);
    putchar('\n');
}

static void print_sample(const struct recipe *r)
{
    printf("\nsample\n  ref");
    for (size_t i = RECIPE_OWN; i < r->column_count; i++)
        if (!r->columns[i].of_batch)
            printf(",%s", r->columns[i].name);
    putchar('\n');
}

static void print_recipe(const struct recipe *r)
{
    printf("%s: %s\n\njobs, and their refs\n", r->name, r->summary);
    for (size_t i = 0; i < r->step_count; i++)
        print_step(r, &r->steps[i]);
    printf(
        "\ncolumns\n  %-24s  %-8s  required: your name for the line, unique for ever\n",
        "ref", "text");
    for (size_t i = RECIPE_OWN; i < r->column_count; i++)
        print_column(&r->columns[i]);
    print_sample(r);
}

static int print_named(const struct cli *cli, const struct recipe_book *b,
                       const struct catalogue *c)
{
    struct recipe *r;
    struct err err;
    if (recipe_find(b, cli->args[0], &r, &err) || recipe_check(r, c, &err))
        return cli_fail_with(&err);
    if (cli->json)
        recipes_print_one(r);
    else
        print_recipe(r);
    return 0;
}

static int print_all(const struct cli *cli, struct recipe_book *b,
                     const struct catalogue *c)
{
    struct err err;
    for (size_t i = 0; cli->json && i < b->count; i++)
        if (recipe_check(&b->recipes[i], c, &err))
            return cli_fail_with(&err);
    if (cli->json)
        recipes_print_all(b);
    for (size_t i = 0; !cli->json && i < b->count; i++)
        printf("%-16s  %s\n", b->recipes[i].name, b->recipes[i].summary);
    return 0;
}

static int print_book(const struct cli *cli, struct recipe_book *b)
{
    struct catalogue c = {0};
    struct err err;
    int status = cli_read_catalogue(cli, &c, &err) ? cli_fail_with(&err)
                 : cli->arg_count                  ? print_named(cli, b, &c)
                                                   : print_all(cli, b, &c);
    catalogue_close(&c);
    return status;
}

static int run_recipes(struct cli *cli)
{
    struct recipe_book book;
    struct err err;
    if (cli->arg_count > 1)
        return cli_usage("one recipe at a time: '%s' is a second name", cli->args[1]);
    int status = recipe_book_open(&book, remesa_get(cli->remesa, "recipes"), &err)
                     ? cli_fail_with(&err)
                     : print_book(cli, &book);
    recipe_book_close(&book);
    return status;
}

const struct command command_recipes = {
    .name = "recipes",
    .args = "[NAME]",
    .summary = "The recipes for a simple CSV; of one, its jobs and columns",
    .about = "--json: a list of all, or the one, with its jobs and columns.",
    .options = "s",
    .run = run_recipes,
};
