"""The steps by which a database comes to the present schema; run by `store.open_store`."""
