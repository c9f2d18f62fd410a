#include "sandbox/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "base/scan.h"
#include "sandbox/machine.h"

static int wrong(struct err *err, const char *option, const char *text)
{
    return err_set(err, ERR_USAGE, "--%s: \"%s\" will not do", option, text);
}

static int read_number(const char *option, const char *text, int64_t least, int64_t most,
                       int64_t *out, struct err *err)
{
    return scan_int(span_of(text), least, most, out) ? 0 : wrong(err, option, text);
}

static int read_seed(struct options *o, const char *text, struct err *err)
{
    int64_t seed;
    if (read_number("seed", text, 0, INT64_MAX, &seed, err))
        return -1;
    o->seed = (uint64_t)seed;
    return 0;
}

static int read_port(struct options *o, const char *text, struct err *err)
{
    int64_t port;
    if (read_number("port", text, 0, 65535, &port, err))
        return -1;
    o->port = (int)port;
    return 0;
}

static int read_latency(struct options *o, const char *text, struct err *err)
{
    const int64_t hour_ms = 3600 * 1000;
    const char *dots = strstr(text, "..");
    if (!dots)
        return wrong(err, "latency", text);
    struct span least = {text, (size_t)(dots - text)};
    if (!scan_int(least, 0, hour_ms, &o->latency_least_ms) ||
        !scan_int(span_of(dots + 2), o->latency_least_ms, hour_ms, &o->latency_most_ms))
        return wrong(err, "latency", text);
    return 0;
}

static int read_settle(struct options *o, const char *text, struct err *err)
{
    struct decimal seconds;
    if (scan_duration(span_of(text), &o->settle_ms))
        return 0;
    if (!decimal_parse_plain(span_of(text), &seconds) ||
        !decimal_rescale(seconds, 3, &seconds) || seconds.units > INT32_MAX)
        return wrong(err, "settle-after", text);
    o->settle_ms = seconds.units;
    return 0;
}

static int read_wait(const char *option, const char *text, int64_t *ms, struct err *err)
{
    *ms = MACHINE_NEVER;
    if (strcmp(text, "never") == 0 || scan_duration(span_of(text), ms))
        return 0;
    return wrong(err, option, text);
}

/* The secret is not repeated in what is said about it. */
static int add_otp(struct options *o, const char *text, struct err *err)
{
    struct otp_secret secret = {0};
    const char *colon = strchr(text, ':');
    struct span user = {text, colon ? (size_t)(colon - text) : 0};
    if ((colon && !scan_int(user, 1, INT64_MAX, &secret.user)) ||
        !otp_read_secret(span_of(colon ? colon + 1 : text), &secret))
        return err_set(err, ERR_USAGE,
                       "--otp-secret: not [USER:]BASE32 with 16 letters or more");
    o->otp_secrets = mem_resize(o->otp_secrets, o->otp_count + 1, sizeof(secret));
    o->otp_secrets[o->otp_count++] = secret;
    return 0;
}

static int read_key_file(struct options *o, const char *file, struct err *err)
{
    char line[1024];
    FILE *f = fopen(file, "re");
    if (!f)
        return err_set(err, ERR_NOINPUT, "--key-file %s: %s", file, strerror(errno));
    bool got = fgets(line, sizeof(line), f);
    fclose(f);
    if (!got)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    free(o->key);
    o->key = mem_span(scan_trim(span_of(line)));
    if (!*o->key)
        return err_set(err, ERR_CONFIG, "--key-file %s: no key in its first line", file);
    return 0;
}

static int add_fault(struct options *o, const char *text, struct err *err)
{
    struct fault fault;
    if (fault_read(&fault, text, err))
        return -1;
    o->faults = mem_resize(o->faults, o->fault_count + 1, sizeof(fault));
    o->faults[o->fault_count++] = fault;
    return 0;
}

/* From TAKES_NOTHING on the word stands alone. */
enum takes {
    TAKES_OWN,
    TAKES_TEXT,
    TAKES_NUMBER,
    TAKES_WAIT,
    TAKES_NOTHING,
    TAKES_HELP,
    TAKES_VERSION
};

#define AT(member) offsetof(struct options, member)

static const struct setting {
    const char *name;
    enum takes takes;
    size_t at;
    int64_t least, most;
    int (*read)(struct options *o, const char *text, struct err *err);
} settings[] = {
    {"port", TAKES_OWN, 0, 0, 0, read_port},
    {"port-file", TAKES_TEXT, AT(port_file), 0, 0, NULL},
    {"ledger", TAKES_TEXT, AT(ledger), 0, 0, NULL},
    {"key-file", TAKES_OWN, 0, 0, 0, read_key_file},
    {"rate", TAKES_NUMBER, AT(rate), 0, 1000000, NULL},
    {"burst-window", TAKES_NUMBER, AT(window_ms), 1, 3600000, NULL},
    {"seed", TAKES_OWN, 0, 0, 0, read_seed},
    {"latency", TAKES_OWN, 0, 0, 0, read_latency},
    {"unique-emails", TAKES_NOTHING, AT(unique_emails), 0, 0, NULL},
    {"fault", TAKES_OWN, 0, 0, 0, add_fault},
    {"settle-after", TAKES_OWN, 0, 0, 0, read_settle},
    {"approve-after", TAKES_WAIT, AT(approve_ms), 0, 0, NULL},
    {"draft-lapse", TAKES_WAIT, AT(draft_ms), 0, 0, NULL},
    {"quote-after", TAKES_WAIT, AT(quote_ms), 0, 0, NULL},
    {"quote-lapse", TAKES_WAIT, AT(lapse_ms), 0, 0, NULL},
    {"epoch-times", TAKES_NOTHING, AT(epoch_times), 0, 0, NULL},
    {"otp-secret", TAKES_OWN, 0, 0, 0, add_otp},
    {"page-size", TAKES_NUMBER, AT(page_size), 0, 1000000, NULL},
    {"repeat-last-page", TAKES_NOTHING, AT(repeat_last_page), 0, 0, NULL},
    {"max-seconds", TAKES_NUMBER, AT(max_seconds), 0, INT32_MAX, NULL},
    {"quiet", TAKES_NOTHING, AT(quiet), 0, 0, NULL},
    {"help", TAKES_HELP, 0, 0, 0, NULL},
    {"version", TAKES_VERSION, 0, 0, 0, NULL},
};
#define SETTINGS     (sizeof(settings) / sizeof(*settings))
#define FIRST_LETTER 256 /* of the first row: behind 'h' and 'v' */

static int set_option(struct options *o, const struct setting *s, struct err *err)
{
    void *at = (char *)o + s->at;
    switch (s->takes) {
    case TAKES_OWN:
        return s->read(o, optarg, err);
    case TAKES_TEXT:
        *(const char **)at = optarg;
        return 0;
    case TAKES_NUMBER:
        return read_number(s->name, optarg, s->least, s->most, at, err);
    case TAKES_WAIT:
        return read_wait(s->name, optarg, at, err);
    case TAKES_NOTHING:
        *(bool *)at = true;
        return 0;
    case TAKES_HELP:
        o->want = WANT_HELP;
        return 0;
    case TAKES_VERSION:
        o->want = WANT_VERSION;
        return 0;
    }
    return 0;
}

static int take_letter(struct options *o, int letter, const char *word, struct err *err)
{
    if (letter >= FIRST_LETTER)
        return set_option(o, &settings[letter - FIRST_LETTER], err);
    if (letter != 'h' && letter != 'v')
        return err_set(err, ERR_USAGE, "%s: unknown, or without its value", word);
    o->want = letter == 'h' ? WANT_HELP : WANT_VERSION;
    return 0;
}

static void list_words(struct option words[SETTINGS + 1])
{
    for (size_t i = 0; i < SETTINGS; i++) {
        bool alone = settings[i].takes >= TAKES_NOTHING;
        words[i] =
            (struct option){settings[i].name, alone ? no_argument : required_argument,
                            NULL, FIRST_LETTER + (int)i};
    }
}

/* A window that holds no whole number of requests would be a rate nobody asked for. */
static int check_rate(const struct options *o, struct err *err)
{
    if (o->rate == 0 || o->rate * o->window_ms % 1000 == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--rate %d in a --burst-window of %d ms: not a whole number",
                   (int)o->rate, (int)o->window_ms);
}

int options_read(struct options *o, int argc, char **argv, struct err *err)
{
    int letter;
    struct option words[SETTINGS + 1] = {0};
    list_words(words);
    *o = (struct options){.rate = 5,
                          .window_ms = 1000,
                          .seed = 1,
                          .approve_ms = MACHINE_NEVER,
                          .draft_ms = MACHINE_NEVER,
                          .quote_ms = MACHINE_NEVER,
                          .lapse_ms = MACHINE_NEVER};
    optind = 0; /* begin anew: tests read many command lines */
    opterr = 0;
    while ((letter = getopt_long(argc, argv, "hv", words, NULL)) != -1) {
        if (take_letter(o, letter, argv[optind - 1], err))
            return -1;
        if (o->want != WANT_RUN)
            return 0;
    }
    if (optind < argc)
        return err_set(err, ERR_USAGE, "%s: takes options only", argv[optind]);
    return check_rate(o, err);
}

void options_close(struct options *o)
{
    for (size_t i = 0; i < o->fault_count; i++)
        fault_close(&o->faults[i]);
    free(o->faults);
    free(o->otp_secrets);
    free(o->key);
    *o = (struct options){0};
}

size_t options_window_most(const struct options *o)
{
    return (size_t)(o->rate * o->window_ms / 1000);
}
