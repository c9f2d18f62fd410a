/* Loaded in front of remesa with LD_PRELOAD: the N-th allocation since main() fails, or each one from there on. SQLite,
 * libcurl, libuv, OpenSSL, cJSON and the C library's own helpers (strdup, vasprintf, fopen) come through here as our own
 * calls do.
 *
 *   REMESA_ALLOC_REPORT  a file of at least one struct report, mapped and shared: what it says outlives any death
 *   REMESA_ALLOC_FAIL    N, from 1; without it everything is counted and nothing fails
 *   REMESA_ALLOC_ON      "1": from N on
 *
 * Nothing in here may allocate. What remesa starts (the sandbox) is left alone. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* memory.py reads it as "<qqq200s". */
struct report {
    _Atomic int64_t count;  /* allocations since main() */
    _Atomic int64_t failed; /* of these */
    int64_t size;           /* bytes that the first one asked for */
    char asker[200];        /* the file of the code that called for them */
};

/* glibc's own, under the names that nothing takes over. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct report *report; /* NULL before main(), and where nobody asked */
static int64_t first, last;   /* the allocations that fail */

static void remember(int64_t size, const void *caller)
{
    Dl_info info;
    report->size = size;
    if (dladdr(caller, &info) && info.dli_fname)
        strncpy(report->asker, info.dli_fname, sizeof(report->asker) - 1);
}

static bool fails(size_t size, const void *caller)
{
    if (!report)
        return false;
    int64_t n = atomic_fetch_add(&report->count, 1) + 1;
    if (n < first || n > last)
        return false;
    if (atomic_fetch_add(&report->failed, 1) == 0)
        remember((int64_t)size, caller);
    errno = ENOMEM;
    return true;
}

#define FAILS(size) fails(size, __builtin_return_address(0))

void *malloc(size_t size)
{
    return FAILS(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return FAILS(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return FAILS(size) ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return FAILS(bytes) ? NULL : __libc_realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size)
{
    return FAILS(size) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return FAILS(size) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *p = FAILS(size) ? NULL : __libc_memalign(alignment, size);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}

/* From main() on */

typedef int main_fn(int, char **, char **);

static main_fn *program_main;

static bool is_remesa(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, "remesa") == 0;
}

static struct report *map_report(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *at =
        mmap(NULL, sizeof(struct report), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || at == MAP_FAILED)
        abort(); /* nothing that is told afterwards would be true */
    close(fd);
    return at;
}

static void begin(void)
{
    const char *path = getenv("REMESA_ALLOC_REPORT"), *n = getenv("REMESA_ALLOC_FAIL"),
               *on = getenv("REMESA_ALLOC_ON");
    if (!path)
        return;
    first = n ? atoll(n) : INT64_MAX;
    last = on ? INT64_MAX : first;
    report = map_report(path);
}

static int counted_main(int argc, char **argv, char **environment)
{
    if (argc > 0 && is_remesa(argv[0]))
        begin();
    return program_main(argc, argv, environment);
}

/* The C library's door to main(). */
int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    __typeof__(__libc_start_main) *start;
    *(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main"); /* as POSIX has it */
    program_main = main;
    return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
