namespace Rqlite.Pg.Storage;

/// <summary>The body of a function with effects, run on the writer. Its effects follow from the entry and the tables alone.</summary>
/// <exception cref="SqlFunctionException">The statement fails.</exception>
internal delegate void EffectBody(EffectRun run, FunctionCall call);

/// <summary>An SQL function that has effects besides its answer.</summary>
/// <param name="Arity">The number of its arguments, -1 for any.</param>
/// <param name="InSchema">Triggers, views and defaults may call the function too.</param>
internal sealed record EffectFunction(string Name, int Arity, StatementEffects Effects, bool InSchema, EffectBody Body);
