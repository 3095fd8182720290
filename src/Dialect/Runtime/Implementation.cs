using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// How SQLite carries out a function of pg_proc. A function without one is refused by name (0A000). Its arguments and its answer are in their
/// types' stored forms.
/// </summary>
/// <remarks>
/// A function or aggregate of ours with arguments of polymorphic types is called with their actual types as one argument more, see
/// <see cref="ArgumentTypes"/>. An ordered-set aggregate is called with its direct arguments before the others, and the order stands within its
/// parentheses.
/// </remarks>
internal abstract record Implementation(PgFunction Function);

/// <summary>SQL of SQLite that means the same for every argument, null included.</summary>
/// <param name="Template">
/// <c>{0}</c> stands for the first argument, which is parenthesised where that is needed; the whole is an operand. <c>{t0}</c> stands for the OID
/// of the first argument's actual type, <c>{c0}</c> for the COLLATE clause that comparisons of that type need, empty if they need none.
/// </param>
internal sealed record NativeTemplate(PgFunction Function, string Template) : Implementation(Function);

/// <summary>A function of ours, called by <see cref="PgFunction.SqliteName"/>.</summary>
internal sealed record RuntimeFunction(PgFunction Function, SqlFunction Body) : Implementation(Function);

/// <summary>An aggregate of ours, called by the name of its body.</summary>
internal sealed record RuntimeAggregate(PgFunction Function, SqlAggregate Body) : Implementation(Function)
{
    /// <summary>The aggregate to call over a frame whose start moves; null if <see cref="Body"/> can do that or nothing can.</summary>
    public SqlAggregate? Moving { get; init; }

    /// <summary>The aggregate for a window; null if there is none.</summary>
    public SqlAggregate? Over(bool frameMoves) => !frameMoves || Body.Invertible ? Body : Moving;
}

/// <summary>An aggregate or window function of SQLite's that means the same.</summary>
internal sealed record NativeAggregate(PgFunction Function, string Template) : Implementation(Function);

/// <summary>A function that returns a set, as a table named <see cref="PgFunction.SqliteName"/>.</summary>
internal sealed record RuntimeSet(PgFunction Function, SqlTable Table) : Implementation(Function);

/// <summary>The session carries the function out, for each row of a result (<see cref="ResultCalls"/>); SQLite does not know it.</summary>
internal sealed record ResultFunction(PgFunction Function) : Implementation(Function);

/// <summary>The lowering has code of its own for the function.</summary>
internal sealed record SpecialForm(PgFunction Function) : Implementation(Function);
