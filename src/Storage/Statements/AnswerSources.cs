namespace Rqlite.Pg.Storage;

/// <summary>What a statement's answer may depend on, as the tables and functions tell that it names.</summary>
[Flags]
public enum AnswerSources : byte
{
    None = 0,
    Tables = 1,
    Random = 2,
}
