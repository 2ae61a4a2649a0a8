# Haihe: `make help` lists the targets. Everything that is built goes to $(BUILD).
#
#   proto/*.proto --protoc-c--> $(BUILD)/gen/*.pb-c.[ch] --+
#   matcher/<folder>/*.c -----------------------------------+--> $(BUILD)/libhaihe.a
#   matcher/main.c + libhaihe.a -> $(BUILD)/haihed          tools/haihectl/*.c -> $(BUILD)/haihectl
#   tests/<folder>/*.c -> $(BUILD)/tests/<folder>           bench/<name>.c -> $(BUILD)/bench/<name>

BUILD  ?= build
ifeq ($(origin CC),default)
  CC := gcc
endif
ifeq ($(origin CXX),default)
  CXX := g++
endif
PREFIX ?= /usr/local
# SANITIZE=address,undefined | thread | (empty); COVERAGE=1 instruments for gcov.
SANITIZE ?=
COVERAGE ?=

# V=1 shows whole command lines.
V ?=
Q := $(if $(V),,@)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# All cores, unless told otherwise with -j; a make below this one shares its jobs.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
  MAKEFLAGS += -j$(shell nproc)
endif

# --- What is needed -------------------------------------------------------------------------------
DEPS_BUILD := gcc g++ libc6-dev make pkg-config git protobuf-compiler protobuf-c-compiler \
    libprotobuf-dev libprotobuf-c-dev libuv1-dev libnghttp2-dev libjemalloc-dev libxxhash-dev \
    librocksdb-dev liburcu-dev libjansson-dev libcsv-dev libutf8proc-dev libzstd-dev zlib1g-dev
DEPS_TEST  := libcriterion-dev python3 python3-protobuf
DEPS_E2E   := python3-grpcio node/nodejs npm/npm go/golang-go golang-google-grpc-dev
DEPS_DEV   := clang clang-format clang-tidy libclang-rt-14-dev gcovr valgrind
DEPS_PEERS := liblucene8-java javac/default-jdk-headless postgresql-15 libpq-dev python3

# --- Flags ----------------------------------------------------------------------------------------
PACKAGES := libuv libnghttp2 libprotobuf-c libxxhash liburcu-memb liburcu-cds jansson libutf8proc libzstd
# Warnings are errors with gcc and clang alike.
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
    -Wpointer-arith -Wwrite-strings -Wformat=2 -Wno-format-zero-length -Wimplicit-fallthrough
OPTIMISE := -O2 -g
CPPFLAGS += -D_GNU_SOURCE -Imatcher -I$(BUILD)/gen
CFLAGS   += -std=c17 $(OPTIMISE) $(WARNINGS) -fno-omit-frame-pointer -fstack-protector-strong
# For store/rocks_log.cc alone, whose header says why there is such a thing.
CXXFLAGS += -std=c++17 $(OPTIMISE) $(filter-out -Wstrict-prototypes -Wmissing-prototypes,$(WARNINGS)) -fno-exceptions -fno-rtti -fno-omit-frame-pointer
LDLIBS   += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lrocksdb -lstdc++ -lm -lpthread
# haihectl alone reads compressed files.
HAIHECTL_LDLIBS := -lz
ifneq ($(SANITIZE),)
  # Sanitizers bring their own allocator.
  CFLAGS  += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
  LDFLAGS += -fsanitize=$(SANITIZE)
  ifneq ($(findstring thread,$(SANITIZE)),)
    CPPFLAGS += -DHAIHE_TSAN=1
  endif
else
  CPPFLAGS += -DHAIHE_JEMALLOC=1
  LDLIBS += -ljemalloc
endif
ifneq ($(COVERAGE),)
  # Atomic: several threads count, and a count that was torn is one gcovr refuses.
  CFLAGS  += --coverage -fprofile-update=atomic -O0
  LDFLAGS += --coverage
endif

# --- Sources --------------------------------------------------------------------------------------
FOLDERS   := base store net rpc model core wire engine server config
SOURCES   := $(foreach f,$(FOLDERS),$(wildcard matcher/$(f)/*.c))
HEADERS   := $(wildcard matcher/*/*.h tools/*/*.h tests/*/*.h bench/*.h bench/*/*.h)
PROTOS    := $(sort $(shell find proto -name '*.proto'))
PB_NAMES  := $(PROTOS:proto/%.proto=%) google/protobuf/any
PB_SOURCES:= $(PB_NAMES:%=$(BUILD)/gen/%.pb-c.c)
PB_HEADERS:= $(PB_NAMES:%=$(BUILD)/gen/%.pb-c.h)
# Files built into the library as bytes: <symbol>_start .. <symbol>_end, see tools/build/embed.sh.
EMBEDDED  := $(wildcard matcher/model/builtin/*.csv) $(BUILD)/gen/descriptors.binpb

# Kernels are compiled for their instruction set, and rounded alike: no fused multiply-add. Private:
# what they are made from, the flags file among it, keeps everybody's flags.
$(BUILD)/obj/matcher/core/kernel_%.o: private CFLAGS += -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math
# They read whole lines of the matrix, of which the writer may be filling columns that this reader's
# view does not list as live (strip.h): a race that is harmless and cannot be told to TSan.
ifneq ($(findstring thread,$(SANITIZE)),)
$(BUILD)/obj/matcher/core/kernel_%.o: private CFLAGS += -fno-sanitize=thread
endif
# With every addition checked, a kernel of vectors takes minutes to compile: under sanitizers they are
# optimised less, and UBSan looks at the plain one alone.
ifneq ($(SANITIZE),)
$(BUILD)/obj/matcher/core/kernel_%.o: private CFLAGS += -O1
$(BUILD)/obj/matcher/core/kernel_avx2.o $(BUILD)/obj/matcher/core/kernel_avx512.o: private CFLAGS += -fno-sanitize=undefined
endif
ifeq ($(shell uname -m),x86_64)
$(BUILD)/obj/matcher/core/kernel_avx2.o: private CFLAGS += -mavx2 -mbmi -mbmi2 -mpopcnt -mlzcnt
$(BUILD)/obj/matcher/core/kernel_avx512.o: private CFLAGS += -mavx512f -mavx512bw -mavx512dq -mavx512vl \
    -mavx2 -mbmi -mbmi2 -mpopcnt -mlzcnt -mprefer-vector-width=512
else
SOURCES   := $(filter-out %/kernel_avx2.c %/kernel_avx512.c,$(SOURCES))
endif

OBJECTS   := $(SOURCES:matcher/%.c=$(BUILD)/obj/matcher/%.o) $(BUILD)/obj/matcher/store/rocks_log.o \
             $(PB_SOURCES:$(BUILD)/gen/%.c=$(BUILD)/obj/gen/%.o) $(BUILD)/obj/embedded.o
TESTS     := $(patsubst tests/%/,%,$(dir $(wildcard $(foreach f,$(FOLDERS) haihectl bench,tests/$(f)/*.c))))
TESTS     := $(sort $(TESTS))
BENCHES   := $(patsubst bench/%.c,%,$(wildcard bench/bench_*.c bench/load_*.c))
FUZZERS   := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
TOOLS     := $(if $(wildcard tools/haihectl/*.c),haihectl) $(if $(wildcard tools/market/*.c),market)
DAEMON    := $(if $(wildcard matcher/main.c),haihed)
INSTALLED := $(DAEMON) $(filter-out market,$(TOOLS)) # a sample market is of no use to an installation

include tools/build/rules.mk
