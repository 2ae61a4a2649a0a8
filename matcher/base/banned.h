/* Calls that this project does not make, turned into compile errors. Included last, in .c files
 * only. Memory comes from base/arena.h or base/memory.h, text from snprintf or base/buffer.h. */
#ifndef HAIHE_BASE_BANNED_H
#define HAIHE_BASE_BANNED_H

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef gets
#undef alloca
#undef atoi
#undef atol
#undef atof
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets alloca atoi atol atof

#ifndef HAIHE_MEMORY_IMPLEMENTATION
#undef malloc
#undef calloc
#undef realloc
#undef reallocarray
#undef free
#undef strdup
#undef strndup
#pragma GCC poison malloc calloc realloc reallocarray free strdup strndup
#endif

#endif
