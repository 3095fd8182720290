using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Http;

/// <summary>
/// Keeps what the instruments of this program and of the runtime record, for <c>/metrics</c> and <c>/debug/vars</c>. To record costs a look into a
/// table and two additions, without a lock and without memory.
/// </summary>
public sealed class MetricsRegistry : IDisposable
{
    private const string OwnPrefix = "Rqlite.Pg";
    private const string Runtime = "System.Runtime";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly Lock _collecting = new();

    /// <param name="scope">The node: of instruments that belong to a node, only those with this scope count.</param>
    public MetricsRegistry(object? scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var name = instrument.Meter.Name;
            if ((name.StartsWith(OwnPrefix, StringComparison.Ordinal) || IsOfRuntime(instrument))
                && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, scope)))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, static i => new MetricFamily(i)));
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out MetricFamily? _);
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Prometheus keeps the ending of those that are left out for histograms.</summary>
    private static bool IsOfRuntime(Instrument instrument) =>
        instrument.Meter.Name == Runtime && !instrument.Name.EndsWith(".count", StringComparison.Ordinal);

    /// <summary>All families at this moment, in the order of their names.</summary>
    internal IReadOnlyList<MetricFamily> Collect()
    {
        lock (_collecting)
        {
            foreach (var family in _families.Values)
            {
                family.BeginCollection();
            }

            _listener.RecordObservableInstruments();
            return [.. _families.Values.OrderBy(static family => family.Name, StringComparer.Ordinal)];
        }
    }
}
