using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// What the name and the arguments of a call mean (func_get_detail). If both <see cref="Function"/> and <see cref="Cast"/> are null,
/// nothing takes such arguments.
/// </summary>
/// <param name="Arguments">
/// Converted, in the order in which the function declares them, with the defaults of missing ones; variadic ones are gathered into an
/// array. For a cast the converted value.
/// </param>
/// <param name="Result">The type of the result after polymorphism.</param>
/// <param name="Variadic">The last argument is the array of the variadic ones, or was marked VARIADIC.</param>
/// <param name="Cast">The name is a type's: the call is a cast to it.</param>
internal sealed record FunctionMatch(
    PgFunction? Function, IReadOnlyList<BoundExpression> Arguments, PgType Result, bool Variadic, PgType? Cast);
