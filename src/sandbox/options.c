#include "sandbox/options.h"

#include <errno.h>
#include <getopt.h>
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

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},
    {"port-file", required_argument, NULL, 'P'},
    {"ledger", required_argument, NULL, 'l'},
    {"key-file", required_argument, NULL, 'k'},
    {"rate", required_argument, NULL, 'r'},
    {"burst-window", required_argument, NULL, 'w'},
    {"seed", required_argument, NULL, 's'},
    {"latency", required_argument, NULL, 't'},
    {"unique-emails", no_argument, NULL, 'u'},
    {"fault", required_argument, NULL, 'f'},
    {"settle-after", required_argument, NULL, 'a'},
    {"approve-after", required_argument, NULL, 'A'},
    {"quote-after", required_argument, NULL, 'Q'},
    {"quote-lapse", required_argument, NULL, 'L'},
    {"epoch-times", no_argument, NULL, 'E'},
    {"otp-secret", required_argument, NULL, 'O'},
    {"page-size", required_argument, NULL, 'n'},
    {"repeat-last-page", no_argument, NULL, 'R'},
    {"max-seconds", required_argument, NULL, 'm'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {0},
};

static int set_option(struct options *o, int letter, const char *word, struct err *err)
{
    switch (letter) {
    case 'p':
        return read_port(o, optarg, err);
    case 'P':
        o->port_file = optarg;
        return 0;
    case 'l':
        o->ledger = optarg;
        return 0;
    case 'k':
        return read_key_file(o, optarg, err);
    case 'r':
        return read_number("rate", optarg, 0, 1000000, &o->rate, err);
    case 'w':
        return read_number("burst-window", optarg, 1, 3600000, &o->window_ms, err);
    case 's':
        return read_seed(o, optarg, err);
    case 't':
        return read_latency(o, optarg, err);
    case 'u':
        o->unique_emails = true;
        return 0;
    case 'f':
        return add_fault(o, optarg, err);
    case 'a':
        return read_settle(o, optarg, err);
    case 'A':
        return read_wait("approve-after", optarg, &o->approve_ms, err);
    case 'Q':
        return read_wait("quote-after", optarg, &o->quote_ms, err);
    case 'L':
        return read_wait("quote-lapse", optarg, &o->lapse_ms, err);
    case 'E':
        o->epoch_times = true;
        return 0;
    case 'O':
        return add_otp(o, optarg, err);
    case 'n':
        return read_number("page-size", optarg, 0, 1000000, &o->page_size, err);
    case 'R':
        o->repeat_last_page = true;
        return 0;
    case 'm':
        return read_number("max-seconds", optarg, 0, INT32_MAX, &o->max_seconds, err);
    case 'q':
        o->quiet = true;
        return 0;
    case 'h':
        o->want = WANT_HELP;
        return 0;
    case 'v':
        o->want = WANT_VERSION;
        return 0;
    default:
        return err_set(err, ERR_USAGE, "%s: unknown, or without its value", word);
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
    *o = (struct options){.rate = 5,
                          .window_ms = 1000,
                          .seed = 1,
                          .approve_ms = MACHINE_NEVER,
                          .quote_ms = MACHINE_NEVER,
                          .lapse_ms = MACHINE_NEVER};
    optind = 0; /* begin anew: tests read many command lines */
    opterr = 0;
    while ((letter = getopt_long(argc, argv, "hv", long_options, NULL)) != -1) {
        if (set_option(o, letter, argv[optind - 1], err))
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
