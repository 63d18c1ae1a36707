# Registries on a chain: included by the Makefile.
#
#   make chain        an Ethereum node and a Solidity compiler, into build/chain
#   make contract     compiles lib/contract/NectarRegistry.sol: what comes out is committed
#   make gas-table    measures what its transactions cost: tests/chain/gas.tsv

# One for all builds of a checkout.
CHAIN := build/chain

# What tests/chain/package-lock.json names, byte for byte; nothing is fetched that npm has kept.
chain: $(CHAIN)/.made
$(CHAIN)/.made: tests/chain/package.json tests/chain/package-lock.json
	@command -v npm >/dev/null || tests/install-packages npm
	@mkdir -p $(CHAIN)
	@cp $^ $(CHAIN)
	@cd $(CHAIN) && npm ci --prefer-offline --ignore-scripts --no-audit --no-fund >npm.log || \
	   { cat npm.log >&2; exit 1; }
	@touch $@

# Contracts that only tests need are compiled on the way.
chain: $(CHAIN)/TestHypermap.json $(CHAIN)/ManyNames.json
$(CHAIN)/%.json: tests/chain/contracts/%.sol tests/chain/compile $(CHAIN)/.made
	@tests/chain/compile $< >$@

# The tests see to it that what is committed is what comes out.
contract: chain
	@tests/chain/compile lib/contract/NectarRegistry.sol NectarRegistry >$(CHAIN)/NectarRegistry.json
	@jq .abi $(CHAIN)/NectarRegistry.json >lib/contract/NectarRegistry.abi.json
	@jq -r .bin $(CHAIN)/NectarRegistry.json >lib/contract/NectarRegistry.bin

# What the contract's transactions cost: a test holds it to this table.
gas-table: chain helpers
	@BUILD=$(abspath $(B)) tests/chain/gas >$(CHAIN)/gas.tsv
	@cp $(CHAIN)/gas.tsv tests/chain/gas.tsv
