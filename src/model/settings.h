/* Every knob in one struct, with one table of names: the same name is a flag
 * (--base-url), an environment variable (REMESA_BASE_URL) and a line of remesa.conf
 * (base_url = ...). */
#ifndef REMESA_MODEL_SETTINGS_H
#define REMESA_MODEL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/caps.h"
#include "model/four_eyes.h"
#include "model/hours.h"

struct settings {
    char *base_url;
    char *api_key_file;    /* NULL: $CREDENTIALS_DIRECTORY/api_key */
    char *otp_secret_file; /* NULL: none */
    char *ca_file;         /* NULL: the system's */
    char *actions;         /* file with more actions; NULL: none */
    char *recipes;         /* file with more recipes; NULL: none */
    char *tag_email;       /* form of the e-mail that carries a ref; NULL: none */
    int64_t milli_rate;    /* requests in a thousand seconds; 0: no limit */
    int64_t burst;         /* of them at once */
    int64_t concurrency;
    int64_t connect_timeout_ms;
    int64_t timeout_ms;
    int64_t retry_base_ms;
    int64_t retry_max_ms;
    int64_t retry_limit;
    int64_t retry_budget;  /* in percent */
    int64_t find_first_ms; /* 0: nothing is looked up */
    int64_t find_tries;
    int64_t settle_time_ms;
    int64_t follow_for_ms;
    int64_t max_duration_ms; /* 0: none */
    int64_t stop_at;         /* minutes after local midnight; -1: never */
    struct hours quiet;      /* in local time */
    int64_t duplicate_days;  /* 0: nothing is held as a duplicate */
    struct caps caps;
    struct four_eyes four_eyes;
    bool paranoid;
    char *encoding;     /* of CSV files, one of "utf-8", "utf-16", "windows-1252" */
    bool decimal_comma; /* in CSV files */
    bool strict;        /* a warning about the input is an error */
    char *log_format;   /* "text" or "json" */
    char *metrics_file; /* NULL: none */
    int64_t metrics_every_ms;
    char *at_end;    /* NULL: none */
    bool production; /* a host that is not a sandbox is meant */
};

/* What a person is told about a setting. */
struct setting {
    const char *name;    /* "base_url" */
    const char *metavar; /* "URL"; NULL: a switch, on or off */
    const char *initial; /* as text; NULL: none */
    const char *help;
};
extern const struct setting settings_table[]; /* ends with a row whose name is NULL */

void settings_init(struct settings *s); /* to the initial values */
void settings_close(struct settings *s);

/* ERR_CONFIG: no such setting, or the text is not of its form; the message says what is
 * wanted. */
int settings_set(struct settings *s, const char *name, const char *text, struct err *err);

/* The form with `ref` in the place of TAG_EMAIL_REF; NULL when that is not in it exactly once. To be
 * freed. */
#define TAG_EMAIL_REF "{ref}"
char *tag_email_of(const char *form, const char *ref);

const char *settings_get(const struct settings *s,
                         const char *name); /* of a text one; else NULL */

#endif
