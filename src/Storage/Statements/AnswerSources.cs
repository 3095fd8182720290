namespace Rqlite.Pg.Storage;

/// <summary>The sources that a statement's answer may depend on, known from the tables and functions that it names.</summary>
[Flags]
public enum AnswerSources : byte
{
    None = 0,
    Tables = 1,

    /// <summary>Random numbers, or whatever else differs from call to call.</summary>
    Random = 2,
}
