namespace Rqlite.Pg.Storage;

/// <summary>What a function with effects does on the writer. It follows from the entry and the tables alone.</summary>
/// <exception cref="EffectException">The statement fails.</exception>
internal delegate void EffectBody(EffectRun run, FunctionCall call);

/// <summary>An SQL function with effects beside its answer.</summary>
/// <param name="Arity">The number of its arguments, -1 for any.</param>
/// <param name="InSchema">Triggers, views and defaults may call it too.</param>
internal sealed record EffectFunction(string Name, int Arity, StatementEffects Effects, bool InSchema, EffectBody Body);
