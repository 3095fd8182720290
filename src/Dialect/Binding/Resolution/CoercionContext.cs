namespace Rqlite.Pg.Dialect.Binding;

/// <summary>How strongly a conversion is asked for; each context allows what those before it allow.</summary>
internal enum CoercionContext : byte
{
    /// <summary>The operand of an operator or the argument of a function.</summary>
    Implicit,

    /// <summary>A value that is stored in a column.</summary>
    Assignment,

    /// <summary>A cast that was written.</summary>
    Explicit,
}
