using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Values;

/// <summary>A catalog without objects, for values of built-in types alone.</summary>
internal sealed class BuiltInNames : IObjectNames
{
    public static BuiltInNames Instance { get; } = new();

    public uint? Find(uint type, string name) => null;

    public string? NameOf(uint type, uint oid) => null;
}
