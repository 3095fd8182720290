namespace Rqlite.Pg.ResolutionOracle;

internal enum QuestionKind
{
    /// <summary>A column of a query.</summary>
    Select,

    /// <summary>A value that is stored in a column of the target type.</summary>
    Assign,

    /// <summary>An argument of a function that takes the target type.</summary>
    Pass,
}

/// <summary>An expression whose resolution is asked for.</summary>
/// <param name="From">What stands after the select list; empty for nothing.</param>
/// <param name="Target">The type that it is assigned or passed to.</param>
internal sealed record Question(string Expression, string From = "", QuestionKind Kind = QuestionKind.Select, string Target = "")
{
    /// <summary>As it is recorded.</summary>
    public string Shown => Kind == QuestionKind.Select ? Expression : $"{Target} <- {Expression}";
}
