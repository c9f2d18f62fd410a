/* Settings laid over each other: the system's file, the folder's, the environment, the
 * flags. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "model/settings.h"

#define SYSTEM_FILE "/etc/remesa/remesa.conf"
#define FOLDER_FILE "remesa.conf"

/* Sets err from the handle's. */
static int set_one(struct cli *cli, const char *name, const char *value, struct err *err)
{
    if (strcmp(name, "api_key") == 0)
        return err_set(err, ERR_CONFIG,
                       "api_key: the key itself is taken only from a file that nobody "
                       "else can read; "
                       "name that with api_key_file");
    if (strcmp(name, "db") == 0) {
        free(cli->owned_database);
        cli->owned_database = mem_text(value);
    }
    if (remesa_set(cli->remesa, name, value) == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "%s", remesa_error(cli->remesa));
}

struct layer {
    struct cli *cli;
    struct err *err;
};

static int on_line(void *ctx, const char *section, const char *name, const char *value)
{
    struct layer *l = ctx;
    if (section[0]) {
        err_set(l->err, ERR_CONFIG, "[%s]: there are no sections", section);
        return 0;
    }
    return set_one(l->cli, name, value, l->err) == 0;
}

static int read_file(struct layer *l, const char *path, bool must_exist)
{
    FILE *f = fopen(path, "r");
    if (!f && !must_exist && errno == ENOENT)
        return 0;
    if (!f)
        return err_set(l->err, errno == ENOENT ? ERR_NOINPUT : ERR_CONFIG, "%s: %s", path,
                       strerror(errno));
    l->err->text[0] = '\0';
    int line = ini_parse_file(f, on_line, l);
    fclose(f);
    if (line == 0)
        return 0;
    if (!l->err->text[0])
        err_set(l->err, ERR_CONFIG, "not of the form name = value");
    return err_wrap(l->err, "%s: line %d", path, line);
}

/* "base_url" is REMESA_BASE_URL. */
static const char *from_environment(const char *setting)
{
    char *name = mem_printf("REMESA_%s", setting);
    for (char *c = name; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    const char *value = getenv(name);
    free(name);
    return value;
}

static int read_environment(struct layer *l)
{
    static const char *const others[] = {"db", "api_key", NULL};
    for (int i = 0; others[i]; i++) {
        const char *value = from_environment(others[i]);
        if (value && set_one(l->cli, others[i], value, l->err))
            return err_wrap(l->err, "environment");
    }
    for (const struct setting *s = settings_table; s->name; s++) {
        const char *value = from_environment(s->name);
        if (value && set_one(l->cli, s->name, value, l->err))
            return err_wrap(l->err, "environment");
    }
    return 0;
}

static int read_flags(struct layer *l)
{
    const struct cli *cli = l->cli;
    for (int i = 0; i < cli->flag_count; i++)
        if (set_one(l->cli, cli->flags[i].name, cli->flags[i].value, l->err)) {
            l->err->code = ERR_USAGE;
            return err_wrap(l->err, "command line");
        }
    return 0;
}

static int lay_all(struct layer *l)
{
    const char *named = l->cli->config;
    if (read_file(l, SYSTEM_FILE, false) ||
        read_file(l, named ? named : FOLDER_FILE, named != NULL))
        return -1;
    return read_environment(l) || read_flags(l) ? -1 : 0;
}

int config_load(struct cli *cli, struct err *err)
{
    struct layer l = {cli, err};
    cli->remesa = remesa_new("remesa.db");
    if (lay_all(&l))
        return -1;
    if (cli->database)
        return set_one(cli, "db", cli->database, err);
    cli->database = cli->owned_database;
    return 0;
}
