# SPDX-License-Identifier: MIT
#
# make gen: what uapigen makes of the specs that changed.
#
# A tree has its own copy of this file.  A Makefile, the kernel's or another one, says what there is:
#
#   uapigen-specs := spec/my-device.yaml
#   uapigen-out := out
#   include uapigen.mk
#
# The spec of the interface my-device is called my-device.yaml, and what is made of it is in out/my-device/.
# What depends on one of those files, as in `driver.o: out/my-device/my_device.h`, has it made before, and is
# made again only where that file has changed.  `make V=1` shows the commands.

UAPIGEN ?= uapigen

uapigen-folder := $(patsubst ./%,%,$(patsubst %//,%/,$(uapigen-out)/))
uapigen-goal := $(.DEFAULT_GOAL)

# Kbuild prints a command or its short form.  So does a plain Makefile with these.
ifdef kecho
uapigen-quiet = $(quiet)
uapigen-run = $(cmd)
else
uapigen-quiet := $(if $(findstring s,$(firstword -$(MAKEFLAGS))),silent_,$(if $(filter-out 0,$(V)),,quiet_))
uapigen-run = @$(if $($(uapigen-quiet)cmd_$(1)),echo '  $($(uapigen-quiet)cmd_$(1))';) $(cmd_$(1))
endif

quiet_cmd_uapigen = GEN     $(uapigen-folder)$(basename $(notdir $<))
      cmd_uapigen = $(UAPIGEN) gen $< -o $(uapigen-out) --depfile $@$(if $(uapigen-quiet), > /dev/null)
      cmd_uapigen-name = sed '/: /q' $@ | grep -Eq '(^|[ /])$(basename $(notdir $<))/' || { rm -f $@; \
        echo '$<: the interface has another name than its file: call the file as the interface' >&2; false; }

# What the last run has told: the files that it made of the spec $(1), and all that they come from.  That run
# may have been in another folder, from which the paths are others.
uapigen-name = $(basename $(notdir $(1)))
uapigen-file = $(uapigen-folder).$(uapigen-name).d
uapigen-outputs = $(patsubst %:,%,$(filter-out \,$(shell sed '/: /q' $(uapigen-file) 2> /dev/null)))
uapigen-made = $(addprefix $(uapigen-folder)$(uapigen-name)/,$(notdir $(uapigen-outputs)))
uapigen-told = $(patsubst %:,%,$(shell cat $(uapigen-file) 2> /dev/null))
uapigen-from = $(filter-out \ $(uapigen-outputs) $(uapigen-made),$(uapigen-told))

# A file that is as it was keeps its time: it is the dependency file that is newer than the spec.  The recipe
# with nothing in it makes make look at the time of what depends on that.  In a kernel, what is in tools/ has a
# rule for all of it, which a spec there must not get.
define uapigen-rules
$(uapigen-file): $(1) $(wildcard $(uapigen-from)) \
    $(if $(filter-out $(wildcard $(uapigen-made)),$(uapigen-made)),FORCE)
	$$(call uapigen-run,uapigen)
	@$$(cmd_uapigen-name)
$(uapigen-folder)$(uapigen-name)/%: $(uapigen-file) ;
gen: $(uapigen-file)
$(if $(kecho),$(1): ;)
endef
$(foreach spec,$(uapigen-specs),$(eval $(call uapigen-rules,$(spec))))

.PHONY: gen FORCE
gen FORCE:

# The goal of a plain `make` is still the first one of the Makefile that includes this.
.DEFAULT_GOAL := $(uapigen-goal)
