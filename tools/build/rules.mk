# The rules behind the Makefile's lists. Included by it; not useful alone.

# --- Targets for people ---------------------------------------------------------------------------
.PHONY: help all deps deps-demo deps-e2e deps-dev demo test e2e fault faults hostile bench bench-peers asan tsan fuzz coverage format tidy \
    check check-headers check-floors check-data check-proto check-bench install uninstall clean unit fuzz-programs FORCE

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | \
	    awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

all: $(DAEMON:%=$(BUILD)/%) $(TOOLS:%=$(BUILD)/%) ## build haihed, haihectl and the sample market generator

deps: ## install what building and testing need (apt; sudo when not root; nothing when all is there)
	@tools/build/deps.sh $(DEPS_BUILD) $(DEPS_TEST)

deps-demo: ## install what building needs
	@tools/build/deps.sh $(DEPS_BUILD)

deps-e2e: ## install what the end-to-end tests need as well
	@tools/build/deps.sh $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_E2E)

deps-dev: ## install what sanitizers, fuzzing, coverage, format and tidy need as well
	@tools/build/deps.sh $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_DEV)

demo: deps-demo ## a Tianjin-like market: generate, load over gRPC, match, explain
	@$(MAKE) --no-print-directory all
	@tools/demo.sh $(BUILD)

test: deps ## all checks and unit tests
	@$(MAKE) --no-print-directory check unit

check: check-floors check-headers check-data check-proto check-bench ## what the compiler does not check: floors, headers, data, protos, the benchmark

unit: $(TESTS:%=$(BUILD)/tests/%) all
	@tools/build/run-tests.sh $(TESTS:%=$(BUILD)/tests/%)

e2e: deps-e2e ## the real daemon with real clients in Python, Node and Go
	@$(MAKE) --no-print-directory all $(BUILD)/interop/server $(BUILD)/faults/failing_heap.so
	@tests/e2e/run.sh $(BUILD)

faults: deps-e2e ## the part of e2e in which allocations fail, under AddressSanitizer
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=address,undefined all build/asan/faults/failing_heap.so
	@tests/e2e/run.sh build/asan faults

fault: deps-e2e ## power cuts, a disk that lies, a disk that fails, damaged files (KILLS=50 SEED=1 EVERY=10)
	@$(MAKE) --no-print-directory all $(BUILD)/fault/power_cut.so $(BUILD)/fault/damage
	@$(BUILD)/fault/damage --every $(or $(EVERY),10)
	@tests/fault/run.sh $(BUILD) test_disk.py --every $(or $(EVERY),10)
	@tests/fault/run.sh $(BUILD) test_power.py --kills $(or $(KILLS),50) --seed $(or $(SEED),1) --lie
	@tests/fault/run.sh $(BUILD) test_power.py --kills $(or $(KILLS),50) --seed $(or $(SEED),1)

hostile: deps-e2e ## the part of e2e that attacks the daemon
	@$(MAKE) --no-print-directory all
	@tests/e2e/run.sh $(BUILD) hostile

bench: deps-demo ## build the benchmarks (build/bench/*), see bench/README.md
	@$(MAKE) --no-print-directory all $(BENCHES:%=$(BUILD)/bench/%)

asan: deps ## all unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory BUILD=build/asan SANITIZE=address,undefined unit

tsan: deps ## all unit tests under ThreadSanitizer
	@$(MAKE) --no-print-directory BUILD=build/tsan SANITIZE=thread unit

coverage: deps-dev ## line coverage of model, core and wire under the unit tests, at least 90 %
	@rm -rf build/coverage # what an older source left cannot be merged
	@$(MAKE) --no-print-directory BUILD=build/coverage COVERAGE=1 unit
	@for floor in model core wire; do \
	    gcovr --root . --filter matcher/$$floor/ --exclude-throw-branches --fail-under-line 90 \
	        --print-summary --output build/coverage/$$floor.txt build/coverage/obj/matcher/$$floor || exit 1; \
	done

bench-peers: deps-demo ## build what bench/peers/run.sh runs, and install what it needs (Lucene, PostgreSQL)
	@tools/build/deps.sh $(DEPS_PEERS)
	@$(MAKE) --no-print-directory $(BUILD)/bench/bench_search $(BUILD)/bench/peers/scan \
	    $(BUILD)/bench/peers/postgresql $(BUILD)/bench/peers/lucene/LucenePeer.class

fuzz: deps-dev ## all fuzz targets under sanitizers (SECONDS=n each, 60 unless told)
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC=clang SANITIZE=fuzzer-no-link,address,undefined \
	    fuzz-programs
	@tools/build/fuzz.sh $(or $(SECONDS),60) $(FUZZERS:%=build/fuzz/fuzz/%)

fuzz-programs: $(FUZZERS:%=$(BUILD)/fuzz/%)

format: ## rewrite the sources in the house's format
	clang-format -i $(SOURCES) $(HEADERS) $(wildcard matcher/*.c tools/*/*.c tests/*/*.c bench/*.c bench/*/*.c)

tidy: deps-dev $(PB_HEADERS) ## clang-tidy over the sources
	clang-tidy --quiet $(SOURCES) $(wildcard matcher/*.c tools/*/*.c) -- $(CPPFLAGS) -Itools -std=c17

install: all ## install haihed and haihectl to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(INSTALLED:%=$(BUILD)/%) $(DESTDIR)$(PREFIX)/bin/

uninstall: ## remove what install put there
	rm -f $(INSTALLED:%=$(DESTDIR)$(PREFIX)/bin/%)

clean: ## remove build/
	rm -rf build

# --- Checks ---------------------------------------------------------------------------------------
check-floors: ## a folder of matcher/ includes only lower floors
	@tools/build/check-floors.sh

# Not one that says, by an #error, that it is the part of certain files and "included by" them only.
check-headers: $(PB_HEADERS) ## every header compiles alone
	@parts=$$(grep -l '^#error .*included by' $(HEADERS)); checked=0; \
	for header in $(HEADERS); do \
	    case " $$(echo $$parts) " in *" $$header "*) continue ;; esac; checked=$$((checked + 1)); \
	    $(CC) $(CPPFLAGS) -Itools -Itests -Ibench -Ibench/peers $(CFLAGS) -Wno-unused -fsyntax-only -x c $$header || exit 1; \
	done; echo "headers: $$checked compile alone"

check-data: $(BUILD)/market ## the built-in data is sound, the sample market is what it claims to be
	@/usr/bin/python3 tests/data/check_builtin.py
	@/usr/bin/python3 tests/data/check_market.py $(BUILD)/market

check-bench: $(BUILD)/bench/bench_search $(BUILD)/bench/bench_update ## the benchmarks' answers are those of a plain computation
	@/usr/bin/python3 tests/bench/check_bench.py $(BUILD)/bench

check-proto: $(BUILD)/gen/descriptors.binpb ## the API only grows: nothing is removed, renumbered or retyped
	@/usr/bin/python3 tests/proto/check_compatible.py $< && /usr/bin/python3 -B tests/proto/test_check_compatible.py $<

# --- Generated sources ----------------------------------------------------------------------------
$(BUILD)/gen/%.pb-c.c $(BUILD)/gen/%.pb-c.h &: proto/%.proto
	@mkdir -p $(BUILD)/gen
	@echo "  PROTOC $@"
	$(Q)protoc --proto_path=proto --c_out=$(BUILD)/gen $<

$(BUILD)/gen/google/protobuf/any.pb-c.c $(BUILD)/gen/google/protobuf/any.pb-c.h &:
	@mkdir -p $(BUILD)/gen
	@echo "  PROTOC $@"
	$(Q)protoc --proto_path=/usr/include --c_out=$(BUILD)/gen google/protobuf/any.proto

$(BUILD)/gen/descriptors.binpb: $(PROTOS)
	@mkdir -p $(BUILD)/gen
	@echo "  PROTOC $@"
	$(Q)$(if $(PROTOS),protoc --proto_path=proto --include_imports --include_source_info \
	    --descriptor_set_out=$@ $(PROTOS:proto/%=%),: > $@)

$(BUILD)/gen/embedded.S: $(EMBEDDED) tools/build/embed.sh
	@mkdir -p $(BUILD)/gen
	@echo "  EMBED  $@"
	$(Q)tools/build/embed.sh $(EMBEDDED) > $@

# --- Compiling and linking ------------------------------------------------------------------------
# A change of flags rebuilds: the flags are a file that changes only when they do.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(CFLAGS)' > $@
FORCE:

$(BUILD)/obj/embedded.o: $(BUILD)/gen/embedded.S
	@mkdir -p $(@D)
	@echo "  CC     $@"
	$(Q)$(CC) -c $< -o $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(PB_HEADERS) $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC     $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -w -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(PB_HEADERS)
	@mkdir -p $(@D)
	@echo "  CC     $@"
	$(Q)$(CC) $(CPPFLAGS) -Itools -Itests -Ibench $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.cc $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CXX    $@"
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/libhaihe.a: $(OBJECTS)
	@rm -f $@
	@echo "  AR     $@"
	$(Q)ar rcs $@ $^

$(BUILD)/haihed: $(BUILD)/obj/matcher/main.o $(BUILD)/libhaihe.a
	@echo "  LINK   $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

define tool_rule
$(BUILD)/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tools/$(1)/*.c)) $(BUILD)/libhaihe.a
	@echo "  LINK   $$@"
	$$(Q)$$(CC) $$(LDFLAGS) $$^ $$(LDLIBS) $(if $(filter haihectl,$(1)),$(HAIHECTL_LDLIBS)) -o $$@
endef
$(foreach tool,$(TOOLS),$(eval $(call tool_rule,$(tool))))

# tests/<folder>/*.c become one Criterion program; tests/support/*.c is linked into each, and so is
# a tool of that name but for its main.c, or what the benchmarks share. Some have a heap that fails on demand, in place of the
# library's.
FAILING_MEMORY := core model
define test_rule
$(BUILD)/tests/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/$(1)/*.c tests/support/*.c) $(filter-out %/main.c,$(wildcard tools/$(1)/*.c)) $(if $(filter $(1),$(FAILING_MEMORY)),tests/memory/failing_memory.c)) $(if $(filter bench,$(1)),$(BUILD)/bench/shared.a) $(BUILD)/libhaihe.a
	@mkdir -p $$(@D)
	@echo "  LINK   $$@"
	$$(Q)$$(CC) $$(LDFLAGS) $$^ -lcriterion $$(LDLIBS) $(if $(filter haihectl,$(1)),$(HAIHECTL_LDLIBS)) -o $$@
endef
$(foreach test,$(TESTS),$(eval $(call test_rule,$(test))))

# gRPC's interoperability service: a test's server, no part of haihed.
$(BUILD)/gen/testing.pb-c.c $(BUILD)/gen/testing.pb-c.h &: tests/interop/testing.proto
	@mkdir -p $(BUILD)/gen
	@echo "  PROTOC $@"
	$(Q)protoc --proto_path=tests/interop --c_out=$(BUILD)/gen $<
$(BUILD)/obj/tests/interop/server.o: $(BUILD)/gen/testing.pb-c.h
$(BUILD)/interop/server: $(BUILD)/obj/tests/interop/server.o $(BUILD)/obj/gen/testing.pb-c.o $(BUILD)/libhaihe.a
	@mkdir -p $(@D)
	@echo "  LINK   $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Preloaded into haihed by tests/faults.
$(BUILD)/faults/failing_heap.so: tests/faults/failing_heap.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC     $@"
	$(Q)$(CC) -D_GNU_SOURCE -std=c17 -O2 -g $(WARNINGS) -Wno-missing-prototypes -fno-builtin -fPIC -shared $< -o $@

# Preloaded into haihed by tests/fault: a disk that forgets what was not synced, lies, or fails.
$(BUILD)/fault/power_cut.so: $(wildcard tests/fault/power_cut*.c) tests/fault/power_cut.h $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC     $@"
	$(Q)$(CC) -D_GNU_SOURCE -std=c17 -O2 -g $(WARNINGS) -fPIC -shared $(filter %.c,$^) -o $@ -ldl -lpthread

$(BUILD)/fault/damage: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/fault/damage*.c)) $(BUILD)/libhaihe.a
	@mkdir -p $(@D)
	@echo "  LINK   $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# Linked with libFuzzer's main; the objects are instrumented by SANITIZE=fuzzer-no-link,..
FUZZ_SHARED := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/fuzz/fuzz_%,$(wildcard tests/fuzz/*.c)))
# These read files as haihectl does.
$(BUILD)/fuzz/fuzz_load $(BUILD)/fuzz/fuzz_esco $(BUILD)/fuzz/fuzz_names: $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(wildcard tools/haihectl/*.c)))
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_SHARED) $(BUILD)/libhaihe.a
	@mkdir -p $(@D)
	@echo "  LINK   $@"
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS) $(HAIHECTL_LDLIBS) -o $@

# What several benchmarks share: of the archive each takes what it needs.
$(BUILD)/bench/shared.a: $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out bench/bench_% bench/load_%,$(wildcard bench/*.c)) $(filter-out %/main.c,$(wildcard tools/market/*.c)))
	@mkdir -p $(@D)
	@rm -f $@
	@echo "  AR     $@"
	$(Q)ar rcs $@ $^

$(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(BUILD)/bench/shared.a $(BUILD)/libhaihe.a
	@mkdir -p $(@D)
	@echo "  LINK   $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# The peers: other engines that do bench_search's job (bench/peers/run.sh). The client of PostgreSQL
# alone needs libpq, the classes a JDK and Lucene.
PEER_SHARED := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/scan.c %/postgresql.c,$(wildcard bench/peers/*.c)))
$(BUILD)/obj/bench/peers/postgresql.o: private CPPFLAGS += $(shell pkg-config --cflags libpq 2>/dev/null)
$(BUILD)/bench/peers/postgresql: private LDLIBS += -lpq
$(BUILD)/bench/peers/%: $(BUILD)/obj/bench/peers/%.o $(PEER_SHARED) $(BUILD)/bench/shared.a $(BUILD)/libhaihe.a
	@mkdir -p $(@D)
	@echo "  LINK   $@"
	$(Q)$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

LUCENE_JAR := $(firstword $(wildcard /usr/share/java/lucene-core-8*.jar))
$(BUILD)/bench/peers/lucene/LucenePeer.class: $(wildcard bench/peers/lucene/*.java)
	@mkdir -p $(@D)
	@echo "  JAVAC  $(@D)"
	$(Q)javac -Xlint:all -Werror -cp $(LUCENE_JAR) -d $(@D) $^

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
.PRECIOUS: $(BUILD)/obj/%.o $(BUILD)/gen/%.pb-c.c $(BUILD)/gen/%.pb-c.h
.SECONDARY:
