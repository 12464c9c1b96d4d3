# SPDX-License-Identifier: GPL-2.0
#
# For people; the kernel's build system reads Kbuild.

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
PREFIX ?= /usr/local
VERSION := $(shell cat VERSION)

export KERNEL TEST FLOWS

.PHONY: all module tool install clean load unload demo check check-debug bench dkms-install vm-test help

all: tool
	@if [ -e $(KDIR)/Makefile ]; then \
		$(MAKE) module; \
	else \
		echo "The module is not built: no headers of kernel $(KVER) (Debian: apt-get install linux-headers-$(KVER))."; \
	fi

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool:
	$(MAKE) -C tools

help:
	@echo 'make               build the module (needs headers of the running kernel) and the tool'
	@echo 'make load          build and load the module; PARAMS="name=value ..." are its parameters'
	@echo 'make unload        take it out again'
	@echo 'make install       tool, manual pages and module, below PREFIX=$(PREFIX) and DESTDIR='
	@echo 'make dkms-install  the module for this and all later kernels, through DKMS'
	@echo 'make demo          see it stand through a SYN flood, in a virtual machine'
	@echo 'make check         all checks, in virtual machines; KERNEL=6.1|6.12 and TEST=name take a part'
	@echo 'make vm-test       the tests alone: make vm-test TEST=smoke KERNEL=6.12'
	@echo 'make check-debug   the tests on a debug kernel'
	@echo 'make bench         measure what a packet costs; KERNEL=6.1|6.12|all, FLOWS=N connections in the big table'
	@echo 'make clean         remove what was built'

clean:
	$(MAKE) -C tools clean
	rm -rf build synward.ko synward.o synward.mod* .synward.* Module.symvers modules.order .Module.symvers.cmd \
		.modules.order.cmd .module-common.o ..module-common.o.cmd
	find module \( -name '*.o' -o -name '*.o.d' -o -name '.*.cmd' \) -delete

install:
	$(MAKE) -C tools install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	@if [ -e synward.ko ]; then \
		install -v -D -m 644 synward.ko $(DESTDIR)/lib/modules/$(KVER)/extra/synward.ko; \
		[ -n "$(DESTDIR)" ] || depmod $(KVER); \
	else \
		echo "The module is not installed: it is not built (see make help)."; \
	fi

# --- on this machine

define need_root
	@[ "$$(id -u)" = 0 ] || { echo "make $@ needs root: sudo make $@" >&2; exit 1; }
endef

define need_headers
	@[ -e $(KDIR)/Makefile ] || { \
		echo "There are no headers of kernel $(KVER): apt-get install linux-headers-$(KVER)" >&2; exit 1; }
endef

# insmod's reason, and what can be done about it.
define explain_insmod
	case "$$reason" in \
	*"Key was rejected"*) \
		echo "This kernel takes signed modules only (Secure Boot): sign synward.ko with a key of this machine" \
			"(mokutil --import), or use make dkms-install, which signs." ;; \
	*"Operation not permitted"*) \
		echo "Root may not load modules here: a locked-down kernel (see dmesg), or a container." ;; \
	*"Invalid module format"*) \
		echo "synward.ko was built for another kernel: make clean load" ;; \
	*) \
		echo "The kernel log may say more:"; dmesg | tail -n 5 ;; \
	esac
endef

load:
	$(need_root)
	@[ ! -e /sys/module/synward ] || { echo "synward is loaded already: make unload first" >&2; exit 1; }
	$(need_headers)
	@$(MAKE) module
	@reason=$$(insmod ./synward.ko $(PARAMS) 2>&1) || { echo "$$reason"; $(explain_insmod); exit 1; } >&2
	@echo "synward is loaded; make unload takes it out, tools/synward shows what it sees."

unload:
	$(need_root)
	@[ -e /sys/module/synward ] || { echo "synward is not loaded" >&2; exit 1; }
	rmmod synward

dkms-install:
	$(need_root)
	@command -v dkms > /dev/null || { echo "There is no dkms: apt-get install dkms" >&2; exit 1; }
	$(need_headers)
	@if dkms status synward/$(VERSION) | grep -q .; then dkms remove synward/$(VERSION) --all; fi
	rm -rf /usr/src/synward-$(VERSION)
	mkdir -p /usr/src/synward-$(VERSION)
	cp -r Kbuild module dkms.conf VERSION LICENSE /usr/src/synward-$(VERSION)
	sed -i 's/#MODULE_VERSION#/$(VERSION)/' /usr/src/synward-$(VERSION)/dkms.conf
	find /usr/src/synward-$(VERSION) \( -name '*.o' -o -name '.*.cmd' \) -delete
	dkms add synward/$(VERSION)
	@dkms install synward/$(VERSION) -k $(KVER) || { \
		echo "DKMS could not build it; its log: /var/lib/dkms/synward/$(VERSION)/build/make.log" >&2; exit 1; }
	@echo "Installed. modprobe synward loads it; a file in /etc/modules-load.d with its name does so at each boot."

# --- in virtual machines

check:
	@selftests/check

vm-test:
	@selftests/vm/run -k $(or $(KERNEL),all) $(if $(TEST),-t $(TEST))

demo:
	@[ -x selftests/demo/run ] || { echo "make demo is not there yet" >&2; exit 2; }
	@selftests/demo/run

bench:
	@selftests/bench/run

check-debug:
	@echo "make $@ is not there yet" >&2
	@exit 2
