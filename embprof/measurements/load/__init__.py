"""A workload under load: callers that wait, arrivals that do not, and the rate that it stands."""
