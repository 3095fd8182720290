using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Rqlite.Pg.Http;

/// <summary>The measurements of one instrument, by its tags.</summary>
internal sealed class MetricFamily
{
    // Tags have few values each; one that should get many must not fill the memory.
    private const int SeriesMax = 512;
    private const int TagsMax = 3;

    // The values of tags are nearly always the same objects, which are compared sooner than they are hashed.
    private const int KnownMax = 16;

    private readonly ConcurrentDictionary<(string, string, string), MetricSeries> _series = new();
    private readonly double[]? _bounds;
    private readonly bool _observed;
    private volatile Known[] _known = [];

    public MetricFamily(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        _observed = instrument.IsObservable;
        Kind = type == typeof(Histogram<>) ? MetricKind.Histogram
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter : MetricKind.Gauge;
        _bounds = Kind == MetricKind.Histogram ? Bounds(instrument) : null;
        Instrument = instrument.Name;
        Name = NameOf(instrument, Kind);
        Help = instrument.Description ?? "";
    }

    public MetricKind Kind { get; }

    /// <summary>The instrument's own name.</summary>
    public string Instrument { get; }

    /// <summary>The name by Prometheus' rules, with its unit.</summary>
    public string Name { get; }

    public string Help { get; }

    public IEnumerable<MetricSeries> Series => _series.Values;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = SeriesOf(tags);
        if (_observed)
        {
            series?.Set(value);
        }
        else
        {
            series?.Add(value);
        }
    }

    /// <summary>Forgets what was observed before: a value whose cause is gone is not observed again.</summary>
    public void BeginCollection()
    {
        if (_observed)
        {
            _series.Clear();
        }
    }

    private MetricSeries? SeriesOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (first, second, third) = (ObjectAt(tags, 0), ObjectAt(tags, 1), ObjectAt(tags, 2));
        foreach (var known in _known)
        {
            if (ReferenceEquals(known.First, first) && ReferenceEquals(known.Second, second) && ReferenceEquals(known.Third, third))
            {
                return known.Series;
            }
        }

        var series = FindOrAdd(tags);
        if (series is not null && !_observed && _known.Length < KnownMax)
        {
            // Of two threads one is forgotten, and comes again.
            _known = [.. _known, new Known(first, second, third, series)];
        }

        return series;
    }

    private MetricSeries? FindOrAdd(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (ValueAt(tags, 0), ValueAt(tags, 1), ValueAt(tags, 2));
        if (_series.TryGetValue(key, out var found))
        {
            return found;
        }

        if (_series.Count >= SeriesMax)
        {
            return null;
        }

        var labels = new KeyValuePair<string, string>[Math.Min(tags.Length, TagsMax)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = new(tags[i].Key, ValueAt(tags, i));
        }

        return _series.GetOrAdd(key, static (_, state) => new MetricSeries(state.labels, state._bounds), (labels, _bounds));
    }

    private static object? ObjectAt(ReadOnlySpan<KeyValuePair<string, object?>> tags, int index) => index < tags.Length ? tags[index].Value : null;

    private static string ValueAt(ReadOnlySpan<KeyValuePair<string, object?>> tags, int index) =>
        index >= tags.Length ? "" : tags[index].Value as string ?? Convert.ToString(tags[index].Value, CultureInfo.InvariantCulture) ?? "";

    private static double[] Bounds(Instrument instrument) =>
        instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } own } ? [.. own] : [0.001, 0.01, 0.1, 1, 10, 100];

    /// <summary>Dots become underscores, and the unit and the kind are the end of the name.</summary>
    private static string NameOf(Instrument instrument, MetricKind kind)
    {
        var name = string.Concat(instrument.Name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private sealed record Known(object? First, object? Second, object? Third, MetricSeries Series);
}

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
