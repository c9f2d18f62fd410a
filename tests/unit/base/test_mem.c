#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/check.h"

/* The sanitizer would end the program before mem.c can; here it must answer NULL like the
 * C library does. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void zero_is_zeroed_and_never_null(void **state)
{
    (void)state;
    unsigned char *p = mem_zero(10, 3);
    for (int i = 0; i < 30; i++)
        assert_int_equal(p[i], 0);
    free(p);
    void *nothing = mem_zero(0, 0);
    assert_non_null(nothing);
    free(nothing);
}

static void resize_keeps_what_was_there(void **state)
{
    (void)state;
    char *p = mem_resize(NULL, 3, 1);
    memcpy(p, "abc", 3);
    p = mem_resize(p, 1000, 10);
    assert_memory_equal(p, "abc", 3);
    p = mem_resize(p, 0, 10);
    assert_non_null(p);
    free(p);
    p = mem_malloc(4);
    memcpy(p, "abc", 4);
    p = mem_realloc(p, 4000);
    assert_string_equal(p, "abc");
    free(p);
}

static void text_and_span_are_copies(void **state)
{
    (void)state;
    char from[] = "hola";
    char *text = mem_text(from), *span = mem_span((struct span){from + 1, 2});
    char *empty = mem_span((struct span){NULL, 0});
    from[1] = 'X';
    assert_string_equal(text, "hola");
    assert_string_equal(span, "ol");
    assert_string_equal(empty, "");
    assert_null(mem_text(NULL));
    free(text);
    free(span);
    free(empty);
}

static void printf_makes_the_text_it_needs(void **state)
{
    (void)state;
    char *text = mem_printf("%s-%05000d", "a", 7);
    assert_int_equal(strlen(text), 5002);
    free(text);
}

static void ask_for_all(int how)
{
    volatile size_t all = SIZE_MAX / 4;
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* it is going to complain */
    switch (how) {
    case 0:
        free(mem_zero(all, 2));
        break;
    case 1:
        free(mem_zero(all, 16)); /* the product passes SIZE_MAX */
        break;
    case 2:
        free(mem_resize(NULL, all, 2));
        break;
    case 3:
        free(mem_malloc(2 * all));
        break;
    case 4:
        free(mem_realloc(mem_malloc(1), 2 * all));
        break;
    case 5:
        mem_gone();
    default:
        free(mem_resize(NULL, all, 16));
    }
    _exit(0);
}

static void without_memory_the_program_ends_with_71(void **state)
{
    (void)state;
    for (int how = 0; how < 7; how++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0)
            ask_for_all(how);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 71);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_zeroed_and_never_null),
        cmocka_unit_test(resize_keeps_what_was_there),
        cmocka_unit_test(text_and_span_are_copies),
        cmocka_unit_test(printf_makes_the_text_it_needs),
        cmocka_unit_test(without_memory_the_program_ends_with_71),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
