namespace Rqlite.Pg.Types.Values;

public enum JsonKind : byte
{
    Null,
    String,
    Number,
    False,
    True,
    Array,
    Object,
}
