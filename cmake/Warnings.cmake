# Warnings and hardening for every target of the project.
add_compile_definitions(_GNU_SOURCE)
add_compile_options(
    -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef -Wvla
    -Wformat=2 -Wnull-dereference -Wimplicit-fallthrough -Wswitch-enum
    -fstack-protector-strong -fno-common -fno-strict-aliasing)
if(REMESA_WERROR)
    add_compile_options(-Werror)
endif()
if(REMESA_SANITIZE)
    add_compile_options(-fsanitize=${REMESA_SANITIZE} -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${REMESA_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
add_link_options(-Wl,-z,relro,-z,now -Wl,-z,noexecstack)
