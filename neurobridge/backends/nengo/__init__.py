"""A spiking graph in Nengo: neurons of our own between connections without synaptic filters.

Nengo is under the GPL; it is an extra, and nothing outside this folder imports it.
"""
