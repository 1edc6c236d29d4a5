declare module "*.forbear" {
    const text: string;
    export default text;
}
