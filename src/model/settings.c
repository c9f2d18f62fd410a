#include "model/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/scan.h"
#include "model/command_words.h"
#include "model/rate.h"

enum kind {
    KIND_TEXT,
    KIND_URL, /* what its form must be is for net to say; but there is one */
    KIND_RATE,
    KIND_COUNT,
    KIND_DURATION,
    KIND_TIME_OF_DAY,
    KIND_HOURS,
    KIND_SWITCH,
    KIND_TAG_EMAIL,
    KIND_ENCODING,
    KIND_LOG_FORMAT,
    KIND_COMMAND,
    KIND_CAPS,
    KIND_FOUR_EYES
};

const struct setting settings_table[] = {
    {"base_url", "URL", "https://sandbox.bitex.la/api",
     "the API; plain http only to this machine"},
    {"api_key_file", "FILE", NULL,
     "file with the API key, mode 0600; else $CREDENTIALS_DIRECTORY/api_key"},
    {"otp_secret_file", "FILE", NULL,
     "file with the secret for one-time passwords (base32), mode 0600; what wants one "
     "then "
     "goes once in half a minute"},
    {"ca_file", "FILE", NULL, "certificates to trust instead of the system's (PEM)"},
    {"actions", "FILE", NULL,
     "a file with more actions, or other ones of the same names"},
    {"recipes", "FILE", NULL,
     "a file with more recipes, or other ones of the same names"},
    {"tag_email", "FORM", NULL,
     "e-mail of a payee whose cell is empty, such as pagos+{ref}@example.com: by it a "
     "lost "
     "answer is found again"},
    {"rate", "N", "5", "requests a second, may be a fraction; 0: no limit"},
    {"burst", "N", "1",
     "so many of them may start at once after a lull, at most the rate; 1: evenly "
     "spaced"},
    {"concurrency", "N", "64", "most requests in flight, 1 to 1024"},
    {"connect_timeout", "TIME", "10s", "to reach the server"},
    {"timeout", "TIME", "60s",
     "for a whole request; less than the API's slowest answer makes doubts"},
    {"retry_base", "TIME", "1s",
     "first pause when the API does not answer well; doubles each time"},
    {"retry_max", "TIME", "60s", "longest such pause"},
    {"retry_limit", "N", "8",
     "so many setbacks in a row end the run, with every job kept"},
    {"retry_budget", "N", "20",
     "repeats for a hundred first attempts, while there are some to make; 0 to 100"},
    {"find_first", "TIME", "15s",
     "from a lost answer to the first look for it; 0s: never look, ask"},
    {"find_tries", "N", "3",
     "so many whole lists without it are wanted before an absence counts"},
    {"settle_time", "TIME", "10m",
     "and so long after the attempt; longer than any time-out of the API"},
    {"follow_for", "TIME", "0s",
     "a run goes on asking about accepted jobs for so long; each is asked about once in "
     "any case"},
    {"max_duration", "TIME", "0s", "no new requests after so long; 0s: no such limit"},
    {"stop_at", "HH:MM", NULL, "no new requests after this time of the day"},
    {"quiet_hours", "HH:MM-HH:MM", NULL,
     "nothing is sent between these times of the day; a run stops, or does not begin"},
    {"duplicate_days", "N", "7",
     "what pays the same payee the same amount as a job imported in so many days is "
     "held; 0: never"},
    {"cap_job", "LIMITS", NULL,
     "most that one job may send, such as ars=5000000,usd=20000; what would pass it is "
     "held"},
    {"cap_payee", "LIMITS", NULL, "the same of one payee on one day"},
    {"cap_batch", "LIMITS", NULL, "the same of one batch"},
    {"cap_day", "LIMITS", NULL, "the same of one day, local time"},
    {"four_eyes", "off|required", "off",
     "whether a batch waits until another system user than its importer has approved it; "
     "what is said of payments in doubt and held ones takes two, too"},
    {"four_eyes_above", "LIMITS", NULL,
     "up to these sums one person is enough, such as ars=5000000,usd=20000; without it, "
     "for none"},
    {"paranoid", NULL, "off",
     "a connection of its own for each request that is not a GET"},
    {"encoding", "NAME", "utf-8", "of CSV files: utf-8, utf-16 or windows-1252"},
    {"decimal_comma", NULL, "off",
     "decimals of CSV files have a comma, 1250,50; no separators of thousands"},
    {"strict", NULL, "off", "what an import only warns of is an error"},
    {"log_format", "text|json", "text",
     "the log on stderr: lines for a person, or a JSON object a line"},
    {"metrics_file", "FILE", NULL,
     "figures of the run for node_exporter's textfile collector; a name that ends with "
     ".prom"},
    {"metrics_every", "TIME", "15s", "how often that file is written; at the end too"},
    {"at_end", "COMMAND", NULL,
     "a program to start when a run has ended, with the summary as JSON on its standard "
     "input; an absolute path and its arguments, no shell"},
    {"production", NULL, "off",
     "base_url is meant to be production: any host that is neither this machine nor "
     "sandbox.*"},
    {0},
};

/* In the order of the table. */
static const struct {
    enum kind kind;
    size_t offset;
    int64_t least, most;
} slots[] = {
    {KIND_URL, offsetof(struct settings, base_url), 0, 0},
    {KIND_TEXT, offsetof(struct settings, api_key_file), 0, 0},
    {KIND_TEXT, offsetof(struct settings, otp_secret_file), 0, 0},
    {KIND_TEXT, offsetof(struct settings, ca_file), 0, 0},
    {KIND_TEXT, offsetof(struct settings, actions), 0, 0},
    {KIND_TEXT, offsetof(struct settings, recipes), 0, 0},
    {KIND_TAG_EMAIL, offsetof(struct settings, tag_email), 0, 0},
    {KIND_RATE, offsetof(struct settings, milli_rate), 0, 0},
    {KIND_COUNT, offsetof(struct settings, burst), 1, 1024},
    {KIND_COUNT, offsetof(struct settings, concurrency), 1, 1024},
    {KIND_DURATION, offsetof(struct settings, connect_timeout_ms), 1, 0},
    {KIND_DURATION, offsetof(struct settings, timeout_ms), 1, 0},
    {KIND_DURATION, offsetof(struct settings, retry_base_ms), 1, 0},
    {KIND_DURATION, offsetof(struct settings, retry_max_ms), 1, 0},
    {KIND_COUNT, offsetof(struct settings, retry_limit), 1, 1000},
    {KIND_COUNT, offsetof(struct settings, retry_budget), 0, 100},
    {KIND_DURATION, offsetof(struct settings, find_first_ms), 0, 0},
    {KIND_COUNT, offsetof(struct settings, find_tries), 1, 100},
    {KIND_DURATION, offsetof(struct settings, settle_time_ms), 0, 0},
    {KIND_DURATION, offsetof(struct settings, follow_for_ms), 0, 0},
    {KIND_DURATION, offsetof(struct settings, max_duration_ms), 0, 0},
    {KIND_TIME_OF_DAY, offsetof(struct settings, stop_at), 0, 0},
    {KIND_HOURS, offsetof(struct settings, quiet), 0, 0},
    {KIND_COUNT, offsetof(struct settings, duplicate_days), 0, 3650},
    {KIND_CAPS, offsetof(struct settings, caps.of[CAP_JOB]), 0, 0},
    {KIND_CAPS, offsetof(struct settings, caps.of[CAP_PAYEE]), 0, 0},
    {KIND_CAPS, offsetof(struct settings, caps.of[CAP_BATCH]), 0, 0},
    {KIND_CAPS, offsetof(struct settings, caps.of[CAP_DAY]), 0, 0},
    {KIND_FOUR_EYES, offsetof(struct settings, four_eyes.required), 0, 0},
    {KIND_CAPS, offsetof(struct settings, four_eyes.above), 0, 0},
    {KIND_SWITCH, offsetof(struct settings, paranoid), 0, 0},
    {KIND_ENCODING, offsetof(struct settings, encoding), 0, 0},
    {KIND_SWITCH, offsetof(struct settings, decimal_comma), 0, 0},
    {KIND_SWITCH, offsetof(struct settings, strict), 0, 0},
    {KIND_LOG_FORMAT, offsetof(struct settings, log_format), 0, 0},
    {KIND_TEXT, offsetof(struct settings, metrics_file), 0, 0},
    {KIND_DURATION, offsetof(struct settings, metrics_every_ms), 1, 0},
    {KIND_COMMAND, offsetof(struct settings, at_end), 0, 0},
    {KIND_SWITCH, offsetof(struct settings, production), 0, 0},
};

static bool is_text(enum kind kind)
{
    return kind == KIND_TEXT || kind == KIND_URL || kind == KIND_TAG_EMAIL ||
           kind == KIND_ENCODING || kind == KIND_LOG_FORMAT || kind == KIND_COMMAND;
}

static void *slot_of(struct settings *s, size_t i)
{
    return (char *)s + slots[i].offset;
}

static const char *set_text(char **slot, const char *text)
{
    free(*slot);
    *slot = text[0] ? mem_text(text) : NULL;
    return NULL;
}

static const char *set_url(char **slot, const char *text)
{
    return text[0] ? set_text(slot, text) : "an address such as https://bitex.la/api";
}

static const char *set_tag_email(char **slot, const char *text)
{
    char *sample = tag_email_of(text, "x");
    bool good = !text[0] || (sample && scan_email(span_of(sample)));
    free(sample);
    return good ? set_text(slot, text) : "an e-mail address with {ref} in it, once";
}

static const char *set_encoding(char **slot, const char *text)
{
    static const char *const known[] = {"utf-8", "utf-16", "windows-1252"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcasecmp(known[i], text) == 0)
            return set_text(slot, known[i]);
    return "one of utf-8, utf-16, windows-1252";
}

static const char *set_log_format(char **slot, const char *text)
{
    if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0)
        return "text or json";
    return set_text(slot, text);
}

/* A name would be looked for in a PATH, which is not the same at night. */
static const char *set_command(char **slot, const char *text)
{
    struct command_words words;
    bool good = !text[0] || command_split(&words, text);
    if (text[0] && good) {
        good = words.words[0][0] == '/';
        command_words_close(&words);
    }
    return good ? set_text(slot, text)
                : "an absolute path and its arguments; quotes as in a shell, no more";
}

static const char *set_rate(int64_t *slot, const char *text)
{
    return rate_parse(span_of(text), slot) ? NULL : RATE_WANTED;
}

static const char *set_duration(int64_t *slot, const char *text, int64_t least)
{
    int64_t ms;
    if (!scan_duration(span_of(text), &ms) || ms < least)
        return "a time such as 250ms, 10s, 5m or 8h";
    *slot = ms;
    return NULL;
}

/* Empty, here and below: none, against a line of a file that has some. */
static const char *set_time_of_day(int64_t *slot, const char *text)
{
    if (!text[0])
        *slot = -1;
    else if (!time_of_day_parse(span_of(text), slot))
        return "a time of the day such as 05:30";
    return NULL;
}

static const char *set_hours(struct hours *slot, const char *text)
{
    if (!text[0])
        *slot = (struct hours){0};
    else if (!hours_parse(span_of(text), slot))
        return "two times of the day such as 22:00-06:00";
    return NULL;
}

static const char *set_switch(bool *slot, const char *text)
{
    bool on =
        strcmp(text, "on") == 0 || strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
    bool off =
        strcmp(text, "off") == 0 || strcmp(text, "no") == 0 || strcmp(text, "false") == 0;
    if (!on && !off)
        return "on or off";
    *slot = on;
    return NULL;
}

static const char *set_four_eyes(bool *slot, const char *text)
{
    bool required = strcmp(text, "required") == 0;
    if (!required && strcmp(text, "off") != 0)
        return "off or required";
    *slot = required;
    return NULL;
}

/* NULL when it was set, else what is wanted. */
static const char *set_slot(struct settings *s, size_t i, const char *text)
{
    switch (slots[i].kind) {
    case KIND_TEXT:
        return set_text(slot_of(s, i), text);
    case KIND_URL:
        return set_url(slot_of(s, i), text);
    case KIND_RATE:
        return set_rate(slot_of(s, i), text);
    case KIND_COUNT:
        return scan_int(span_of(text), slots[i].least, slots[i].most, slot_of(s, i))
                   ? NULL
                   : "a whole number in its range";
    case KIND_DURATION:
        return set_duration(slot_of(s, i), text, slots[i].least);
    case KIND_TIME_OF_DAY:
        return set_time_of_day(slot_of(s, i), text);
    case KIND_HOURS:
        return set_hours(slot_of(s, i), text);
    case KIND_SWITCH:
        return set_switch(slot_of(s, i), text);
    case KIND_TAG_EMAIL:
        return set_tag_email(slot_of(s, i), text);
    case KIND_ENCODING:
        return set_encoding(slot_of(s, i), text);
    case KIND_LOG_FORMAT:
        return set_log_format(slot_of(s, i), text);
    case KIND_COMMAND:
        return set_command(slot_of(s, i), text);
    case KIND_CAPS:
        return cap_list_parse(span_of(text), slot_of(s, i)) ? NULL : CAPS_WANTED;
    case KIND_FOUR_EYES:
        return set_four_eyes(slot_of(s, i), text);
    }
    return NULL;
}

char *tag_email_of(const char *form, const char *ref)
{
    const char *at = strstr(form, TAG_EMAIL_REF);
    const char *rest = at ? at + strlen(TAG_EMAIL_REF) : NULL;
    if (!at || strstr(rest, TAG_EMAIL_REF))
        return NULL;
    return mem_printf("%.*s%s%s", (int)(at - form), form, ref, rest);
}

void settings_init(struct settings *s)
{
    *s = (struct settings){.stop_at = -1};
    for (size_t i = 0; settings_table[i].name; i++)
        if (settings_table[i].initial)
            set_slot(s, i, settings_table[i].initial);
}

void settings_close(struct settings *s)
{
    for (size_t i = 0; settings_table[i].name; i++)
        if (is_text(slots[i].kind))
            free(*(char **)slot_of(s, i));
    *s = (struct settings){0};
}

int settings_set(struct settings *s, const char *name, const char *text, struct err *err)
{
    for (size_t i = 0; settings_table[i].name; i++) {
        if (strcmp(settings_table[i].name, name) != 0)
            continue;
        const char *want = set_slot(s, i, text);
        if (!want)
            return 0;
        return err_set(err, ERR_CONFIG, "%s: '%s' is not %s (%s)", name, text, want,
                       settings_table[i].help);
    }
    return err_set(err, ERR_CONFIG,
                   "%s: there is no such setting; `remesa help run` lists them", name);
}

const char *settings_get(const struct settings *s, const char *name)
{
    for (size_t i = 0; settings_table[i].name; i++)
        if (is_text(slots[i].kind) && strcmp(settings_table[i].name, name) == 0)
            return *(char *const *)((const char *)s + slots[i].offset);
    return NULL;
}
