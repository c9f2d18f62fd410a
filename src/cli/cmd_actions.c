#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/catalogue.h"
#include "cli/actions_json.h"
#include "cli/cli.h"

int cli_read_catalogue(const struct cli *cli, struct catalogue *c, struct err *err)
{
    for (const struct embed *file = catalogue_builtin(); file->name; file++)
        if (catalogue_read(c, file->text, file->name, err))
            return -1;
    const char *more = remesa_get(cli->remesa, "actions");
    return more ? catalogue_read_file(c, more, err) : 0;
}

static void print_choices(const struct action_field *f)
{
    const char *before = f->help ? "; one of: " : f->required ? ": one of: " : "one of: ";
    for (size_t i = 0; f->choices && f->choices[i]; i++)
        printf("%s%s", i ? " " : before, f->choices[i]);
}

static void print_field(const struct action_field *f)
{
    printf("  %-28s  %-8s  %-12s  %s", f->name, value_type_name(f->type),
           actions_place_name(f->place), f->required ? "required" : "");
    if (f->help)
        printf("%s%s", f->required ? ": " : "", f->help);
    print_choices(f);
    if (f->max)
        printf(" (at most %" PRId64 " %s)", f->max,
               f->type == VALUE_FILE ? "bytes" : "characters");
    if (f->digits)
        printf(" (%" PRId64 " digits)", f->digits);
    putchar('\n');
}

static const char *actor_text(const struct action *a)
{
    switch (a->actor) {
    case ACTOR_MASTER:
        return "the master user itself; leave on_behalf_of empty";
    case ACTOR_USER:
        return "a user: on_behalf_of names its ref or #id";
    case ACTOR_EITHER:
        return "the master user, or a user named in on_behalf_of";
    }
    return "";
}

/* RFC 4180 */
static void print_cell(const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        printf(",%s", text);
        return;
    }
    printf(",\"");
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void print_sample(const struct action *a)
{
    printf("\nsample\n  ref,action,on_behalf_of");
    for (size_t i = 0; i < a->field_count; i++)
        if (action_field_is_shown(a, &a->fields[i]))
            printf(",%s", a->fields[i].name);
    printf("\n  my-%s-1,%s,%s", a->name, a->name, a->actor == ACTOR_USER ? "#594" : "");
    for (size_t i = 0; i < a->field_count; i++)
        if (action_field_is_shown(a, &a->fields[i]))
            print_cell(action_field_sample(&a->fields[i]));
    putchar('\n');
}

static void print_list_of(const char *before, char *const *texts)
{
    for (size_t i = 0; texts && texts[i]; i++)
        printf("%s%s", i ? ", " : before, texts[i]);
}

static void print_find(const struct action *a)
{
    const struct action_find *find = &a->find;
    if (a->repeat_safe)
        return;
    if (!find->path) {
        printf("in doubt       a person has to look\n");
        return;
    }
    printf("in doubt       looked up in %sGET %s",
           find->in == FIND_INCLUDED ? "what is included in " : "", find->path);
    print_list_of(" by ", find->match);
    print_list_of("; also, where given, by ", find->also);
    print_list_of("; it was done when the state is ", find->states);
    printf("; if it was not: %s\n", find->resend ? "sent again" : "a person is asked");
}

static void print_one_of(const struct action *a)
{
    if (!a->one_of)
        return;
    print_list_of("one of         ", a->one_of);
    puts(": exactly one of these columns has a value");
}

static void print_require(const struct action *a)
{
    const struct action_require *r = &a->require;
    if (!r->of)
        return;
    printf("sent only if   what %s stands for", r->of);
    print_list_of(" is ", r->states);
    if (r->before)
        printf(", before its %s", r->before);
    for (size_t i = 0; i < r->limit_count; i++)
        printf(", with %s at most %s", r->limits[i].pointer, r->limits[i].field);
    putchar('\n');
}

static void print_action(const struct action *a)
{
    printf("%s: %s\n\n", a->name, a->summary);
    printf("request        %s %s%s%s\n", a->method ? a->method : "(method)",
           a->path ? a->path : "(path)", a->version ? ", Version " : "",
           a->version ? a->version : "");
    printf("acts for       %s\n", actor_text(a));
    printf("sent twice     %s\n",
           a->repeat_safe ? "harmless: tried again by itself"
                          : "not before it is known that the first did nothing");
    print_find(a);
    print_one_of(a);
    print_require(a);
    if (action_is_followed(a))
        printf("then           accepted first (state following), final later\n");
    puts("\ncolumns");
    for (size_t i = 0; i < a->field_count; i++)
        print_field(&a->fields[i]);
    if (a->field_count == 0)
        puts("  none of its own");
    print_sample(a);
}

static void print_list(const struct catalogue *c)
{
    for (size_t i = 0; i < c->count; i++)
        printf("%-32s  %s\n", c->actions[i].name, c->actions[i].summary);
}

static int print_named(const struct cli *cli, const struct catalogue *c)
{
    const struct action *a = catalogue_find(c, span_of(cli->args[0]));
    if (!a)
        return cli_usage("there is no action '%s'; `remesa actions` lists them",
                         cli->args[0]);
    if (cli->json)
        actions_print_one(a);
    else
        print_action(a);
    return 0;
}

static int run_actions(struct cli *cli)
{
    struct catalogue c = {0};
    struct err err;
    int status = 0;
    if (cli->arg_count > 1)
        return cli_usage("one action at a time: '%s' is a second name", cli->args[1]);
    if (cli_read_catalogue(cli, &c, &err))
        status = cli_fail_with(&err);
    else if (cli->arg_count)
        status = print_named(cli, &c);
    else if (cli->json)
        actions_print_all(&c);
    else
        print_list(&c);
    catalogue_close(&c);
    return status;
}

const struct command command_actions = {
    .name = "actions",
    .args = "[NAME]",
    .summary = "The actions of the catalogue; of one, its columns and a sample row",
    .about =
        "--json: a list of all, or the one, with everything that the catalogue says of "
        "it, in the words\nof actions/README.md, and a sample row.",
    .options = "s",
    .run = run_actions,
};
