#include "api/rate_limit.h"

#include <string.h>

#include "api/retry_after.h"
#include "base/scan.h"

/* 2001: nobody's quota begins anew after so many seconds. */
#define EPOCH_FROM INT64_C(1000000000)

struct quota {
    int64_t left, reset; /* -1: not said */
};

static const struct quota unsaid = {-1, -1};

static int64_t wait_of(const struct quota *q, const struct http_response *r,
                       struct wall now)
{
    int64_t since = now.ms;
    if (q->left != 0 || q->reset <= 0)
        return 0;
    if (q->reset < EPOCH_FROM)
        return q->reset * 1000 < RETRY_AFTER_MAX_MS ? q->reset * 1000
                                                    : RETRY_AFTER_MAX_MS;
    http_date_read(r->date, &since);
    int64_t wait = q->reset * 1000 - since;
    return wait < 0 ? 0 : wait < RETRY_AFTER_MAX_MS ? wait : RETRY_AFTER_MAX_MS;
}

/* Up to the next `mark` outside of quotes, which is taken off too. */
static struct span take_until(struct span *text, char mark)
{
    bool quoted = false;
    size_t n = 0;
    for (; n < text->len && (quoted || text->ptr[n] != mark); n++)
        quoted ^= text->ptr[n] == '"';
    struct span taken = {text->ptr, n};
    size_t gone = n < text->len ? n + 1 : n;
    *text = (struct span){text->ptr + gone, text->len - gone};
    return scan_trim(taken);
}

static bool is_called(struct span pair, const char *name, struct span *value)
{
    size_t n = strlen(name);
    if (pair.len <= n || memcmp(pair.ptr, name, n) != 0 || pair.ptr[n] != '=')
        return false;
    *value = (struct span){pair.ptr + n + 1, pair.len - n - 1};
    return true;
}

static int64_t number(struct span text)
{
    int64_t n;
    return scan_is_digits(text) && scan_int(text, 0, INT64_MAX / 1000, &n) ? n : -1;
}

static void read_pair(struct quota *q, struct span pair, const char *left,
                      const char *reset)
{
    struct span value;
    if (is_called(pair, left, &value))
        q->left = number(value);
    else if (is_called(pair, reset, &value))
        q->reset = number(value);
}

/* Both forms of the one field; several policies: the longest wait. */
static int64_t wait_of_field(const struct http_response *r, struct wall now)
{
    struct span text = span_of(r->rate_limit);
    struct quota all = unsaid;
    int64_t longest = 0;
    while (text.len > 0) {
        struct span member = take_until(&text, ',');
        struct quota one = unsaid;
        read_pair(&all, member, "remaining", "reset");
        while (member.len > 0)
            read_pair(&one, take_until(&member, ';'), "r", "t");
        int64_t wait = wait_of(&one, r, now);
        longest = wait > longest ? wait : longest;
    }
    int64_t wait = wait_of(&all, r, now);
    return wait > longest ? wait : longest;
}

int64_t rate_limit_wait_ms(const struct http_response *r, struct wall now)
{
    struct quota pair = {number(scan_trim(span_of(r->rate_limit_remaining))),
                         number(scan_trim(span_of(r->rate_limit_reset)))};
    int64_t wait = wait_of(&pair, r, now);
    int64_t other = wait_of_field(r, now);
    return wait > other ? wait : other;
}
