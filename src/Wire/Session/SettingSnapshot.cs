using System.Collections;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Session;

/// <summary>The values of all settings at one moment, as SHOW prints them; only those that differ from the defaults take memory.</summary>
/// <param name="modes">The modes of the transaction at that moment.</param>
internal sealed class SettingSnapshot(Dictionary<string, string> changed, TransactionModes modes) : IReadOnlyDictionary<string, string>
{
    private static readonly FrozenDictionary<string, string> s_defaults = SettingTable.All.ToFrozenDictionary(
        static setting => setting.Name,
        static setting => SettingTable.Show(setting, setting.Default),
        StringComparer.OrdinalIgnoreCase);

    public TransactionModes Modes => modes;

    public int Count => s_defaults.Count + changed.Keys.Count(static name => !s_defaults.ContainsKey(name));

    public IEnumerable<string> Keys => s_defaults.Keys.Concat(changed.Keys.Where(static name => !s_defaults.ContainsKey(name)));

    public IEnumerable<string> Values => Keys.Select(name => this[name]);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no setting \"{key}\".");

    public bool ContainsKey(string key) => changed.ContainsKey(key) || s_defaults.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) =>
        changed.TryGetValue(key, out value) || s_defaults.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        Keys.Select(name => new KeyValuePair<string, string>(name, this[name])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
