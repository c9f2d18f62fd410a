#include "sim/image.h"

#include <string.h>

#include "base/mem.h"

#define LOG_HEADER   32
#define FRAME_HEADER 24
#define MAGIC                                                                            \
    UINT32_C(0x377f0682) /* and the same with 1 added: sums of big-endian words */

/* Offsets in the first page. */
#define AT_FORMATS 18
#define AT_CHANGES 24
#define AT_VERSION 92

struct sum {
    uint32_t a, b;
};

static struct {
    enum disk_view view;
    uint64_t db_epoch, log_epoch;
    size_t db_size;
    uint8_t *bytes;
    size_t size, room;
    size_t page;
    size_t log_at; /* behind the last frame that a commit has closed; 0: no log is read */
    struct sum sum;
    uint8_t salts[8];
    bool big_words;
} image;

static uint32_t changes; /* never goes back: the connection outlives worlds */

/* ---- numbers ---- */

static uint32_t big(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t little(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void put_big(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static struct sum add_sum(struct sum s, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i += 8) {
        s.a += (image.big_words ? big(p + i) : little(p + i)) + s.b;
        s.b += (image.big_words ? big(p + i + 4) : little(p + i + 4)) + s.a;
    }
    return s;
}

static bool is_sum(struct sum s, const uint8_t *p)
{
    return s.a == big(p) && s.b == big(p + 4);
}

/* ---- the file ---- */

static void set_size(size_t size)
{
    if (size > image.room) {
        image.room = size * 2;
        image.bytes = mem_resize(image.bytes, image.room, 1);
    }
    if (size > image.size)
        memset(image.bytes + image.size, 0, size - image.size);
    image.size = size;
}

/* Of a file without a log, and with content that the connection has never seen. */
static void sign(void)
{
    if (image.size < 100)
        return;
    image.bytes[AT_FORMATS] = image.bytes[AT_FORMATS + 1] = 1;
    put_big(image.bytes + AT_CHANGES, ++changes);
    put_big(image.bytes + AT_VERSION, changes);
}

static void take_file(const struct disk_bytes *db)
{
    image.size = 0;
    set_size(db->size);
    if (db->size)
        memcpy(image.bytes, db->bytes, db->size);
    image.db_epoch = db->epoch;
    image.db_size = db->size;
}

/* ---- the log ---- */

static bool take_log_header(const struct disk_bytes *log)
{
    const uint8_t *p = log->bytes;
    if (log->size < LOG_HEADER || (big(p) & ~UINT32_C(1)) != MAGIC)
        return false;
    image.big_words = big(p) & 1;
    image.page = big(p + 8);
    image.sum = add_sum((struct sum){0, 0}, p, 24);
    if (!is_sum(image.sum, p + 24))
        return false;
    memcpy(image.salts, p + 16, sizeof(image.salts));
    image.log_at = LOG_HEADER;
    return true;
}

static bool is_frame(const uint8_t *p, struct sum *sum)
{
    if (memcmp(p + 8, image.salts, sizeof(image.salts)) != 0 || big(p) == 0)
        return false;
    *sum = add_sum(*sum, p, 8);
    *sum = add_sum(*sum, p + FRAME_HEADER, image.page);
    return is_sum(*sum, p + 16);
}

static void place(const uint8_t *frame)
{
    size_t end = (size_t)big(frame) * image.page;
    if (end > image.size)
        set_size(end);
    memcpy(image.bytes + end - image.page, frame + FRAME_HEADER, image.page);
}

/* Frames count only up to one that closes a commit. */
static bool take_commit(const struct disk_bytes *log)
{
    size_t step = FRAME_HEADER + image.page, at = image.log_at;
    struct sum sum = image.sum;
    while (at + step <= log->size && is_frame(log->bytes + at, &sum)) {
        uint32_t pages = big(log->bytes + at + 4);
        at += step;
        if (!pages)
            continue;
        for (; image.log_at < at; image.log_at += step)
            place(log->bytes + image.log_at);
        set_size((size_t)pages * image.page);
        image.sum = sum;
        return true;
    }
    return false;
}

static bool is_known(enum disk_view view, const struct disk_bytes *db,
                     const struct disk_bytes *log)
{
    return image.view == view && image.db_epoch == db->epoch &&
           image.db_size == db->size && image.log_epoch == log->epoch && image.log_at;
}

void image_begin(void)
{
    image.db_epoch = image.log_epoch = 0;
    image.log_at = 0;
}

void image_refresh(enum disk_view view)
{
    struct disk_bytes db = disk_view(DISK_DB, view), log = disk_view(DISK_WAL, view);
    bool news = !is_known(view, &db, &log);
    if (news) {
        image.view = view;
        image.log_at = 0;
        take_file(&db);
        take_log_header(&log);
        image.log_epoch = log.epoch;
    }
    while (image.log_at && take_commit(&log))
        news = true;
    if (news)
        sign();
}

size_t image_size(void)
{
    return image.size;
}

size_t image_read(void *out, size_t len, size_t at)
{
    size_t there = at < image.size ? image.size - at : 0;
    if (len > there)
        len = there;
    if (len)
        memcpy(out, image.bytes + at, len);
    return len;
}
