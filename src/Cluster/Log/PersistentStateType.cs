using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Makes <see cref="DurableLog"/> an <see cref="IPersistentState"/>. One setter of that interface is internal to the library, so no compiler
/// lets another assembly implement it; the runtime does, for a type made at run time that names the assemblies whose access rules it ignores.
/// All other members are found by name in <see cref="DurableLog"/>.
/// </summary>
internal static class PersistentStateType
{
    private const string Property = nameof(IPersistentState.ConfigurationStorage);

    private static readonly ConstructorInfo s_constructor = Build();

    public static DurableLog Create(OpenedLog opened) => (DurableLog)s_constructor.Invoke([opened]);

    private static ConstructorInfo Build()
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Rqlite.Pg.Cluster.Dynamic"), AssemblyBuilderAccess.Run);
        var ignores = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        foreach (var owner in (Type[])[typeof(IPersistentState), typeof(DurableLog)])
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(ignores, [owner.Assembly.GetName().Name!]));
        }

        var type = assembly.DefineDynamicModule("Dynamic").DefineType(
            "DurablePersistentState", TypeAttributes.Sealed | TypeAttributes.Public, typeof(DurableLog), [typeof(IPersistentState)]);
        var arguments = new[] { typeof(OpenedLog) };
        var inherited = typeof(DurableLog).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, arguments)!;
        var code = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, arguments).GetILGenerator();
        EmitCall(code, inherited);
        var setter = type.DefineMethod(
            "SetConfigurationStorage", MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot,
            typeof(void), [typeof(IClusterConfigurationStorage)]);
        EmitCall(setter.GetILGenerator(), typeof(DurableLog).GetProperty(Property)!.SetMethod!);
        type.DefineMethodOverride(setter, typeof(IPersistentState).GetProperty(Property)!.GetSetMethod(nonPublic: true)!);
        return type.CreateType().GetConstructor(arguments)!;
    }

    /// <summary>Emits a call that passes on this and the only argument.</summary>
    private static void EmitCall(ILGenerator code, MethodBase method)
    {
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        if (method is ConstructorInfo constructor)
        {
            code.Emit(OpCodes.Call, constructor);
        }
        else
        {
            code.Emit(OpCodes.Call, (MethodInfo)method);
        }

        code.Emit(OpCodes.Ret);
    }
}
